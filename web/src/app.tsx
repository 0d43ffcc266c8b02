import { lazy, Suspense, useEffect } from "react";

import { rememberCsrf } from "./api/client";
import { startLive } from "./api/live";
import { useSession } from "./api/queries";
import { Boundary } from "./parts/boundary";
import { Bones, Empty, Failure } from "./parts/states";
import { Toasts } from "./parts/toast";
import { PageHead } from "./parts/ui";
import { Link, match, useAddress } from "./router";
import { AskNowScreen } from "./screens/asknow/AskNowScreen";
import { SessionContext } from "./session";
import { Shell } from "./shell/Shell";

const People = lazy(() => import("./screens/people/PeopleScreen"));
const Persona = lazy(() => import("./screens/people/PersonaScreen"));
const Company = lazy(() => import("./screens/companies/CompanyScreen"));
const Review = lazy(() => import("./screens/review/ReviewScreen"));
const Graph = lazy(() => import("./screens/graph/GraphScreen"));
const Reading = lazy(() => import("./screens/readings/ReadingScreen"));
const Quality = lazy(() => import("./screens/readings/QualityScreen"));
const Segments = lazy(() => import("./screens/segments/SegmentsScreen"));
const OneSegment = lazy(() => import("./screens/segments/SegmentScreen"));
const Suppressions = lazy(() => import("./screens/people/SuppressionsScreen"));
const Outbox = lazy(() => import("./screens/outbox/OutboxScreen"));
const Referrals = lazy(() => import("./screens/referrals/ReferralsScreen"));
const Payouts = lazy(() => import("./screens/payouts/PayoutsScreen"));
const Programs = lazy(() => import("./screens/programs/ProgramsScreen"));
const OneProgram = lazy(() => import("./screens/programs/ProgramScreen"));
const Taking = lazy(() => import("./screens/taking/TakingScreen"));
const NewProgram = lazy(() => import("./screens/programs/NewProgramScreen"));
const Advocates = lazy(() => import("./screens/people/AdvocatesScreen"));
const Fraud = lazy(() => import("./screens/fraud/FraudScreen"));
const Court = lazy(() => import("./screens/court/CourtScreen"));
const Conversion = lazy(() => import("./screens/court/ConversionScreen"));
const Playbooks = lazy(() => import("./screens/playbooks/PlaybooksScreen"));
const OnePlaybook = lazy(() => import("./screens/playbooks/PlaybookScreen"));
const Experiments = lazy(() => import("./screens/experiments/ExperimentsScreen"));
const OneExperiment = lazy(() => import("./screens/experiments/ExperimentScreen"));
const Autonomy = lazy(() => import("./screens/autonomy/AutonomyScreen"));
const Sources = lazy(() => import("./screens/sources/SourcesScreen"));
const Source = lazy(() => import("./screens/sources/detail/SourceScreen"));
const Connect = lazy(() => import("./screens/sources/connect/ConnectScreen"));
const Audit = lazy(() => import("./screens/audit/AuditScreen"));

function Screen({ path }: { path: string }) {
  switch (path) {
    case "/": return <AskNowScreen />;
    case "/people": return <People />;
    case "/people/advocates": return <Advocates />;
    case "/people/review": return <Review />;
    case "/people/suppressions": return <Suppressions />;
    case "/graph": return <Graph />;
    case "/graph/review": return <Reading />;
    case "/graph/quality": return <Quality />;
    case "/graph/segments": return <Segments />;
    case "/outbox": return <Outbox />;
    case "/referrals": return <Referrals />;
    case "/referrals/fraud": return <Fraud />;
    case "/referrals/credit": return <Court />;
    case "/payouts": return <Payouts />;
    case "/programs": return <Programs />;
    case "/programs/new": return <NewProgram />;
    case "/programs/taking-part": return <Taking />;
    case "/playbooks": return <Playbooks />;
    case "/lift": case "/experiments": return <Experiments />;
    case "/autonomy": return <Autonomy />;
    case "/sources": return <Sources />;
    case "/sources/connect": return <Connect />;
    case "/audit": return <Audit />;
    default: return <One path={path} />;
  }
}

/** The screens of one person, company, playbook, experiment or source. */
function One({ path }: { path: string }) {
  const persona = match("/people/:id", path);
  if (persona?.id) return <Persona key={persona.id} id={persona.id} />;
  const company = match("/companies/:id", path);
  if (company?.id) return <Company key={company.id} id={company.id} />;
  const segment = match("/graph/segments/:id", path);
  if (segment?.id) return <OneSegment key={segment.id} id={segment.id} />;
  const conversion = match("/referrals/credit/:id", path);
  if (conversion?.id) return <Conversion key={conversion.id} id={conversion.id} />;
  const program = match("/programs/:id", path);
  if (program?.id) return <OneProgram key={program.id} slug={program.id} />;
  const playbook = match("/playbooks/:id", path);
  if (playbook?.id) return <OnePlaybook key={playbook.id} slug={playbook.id} />;
  const experiment = match("/experiments/:id", path);
  if (experiment?.id) return <OneExperiment key={experiment.id} id={experiment.id} />;
  const source = match("/sources/:id", path);
  if (source?.id) return <Source key={source.id} id={source.id} />;
  return (
    <>
      <PageHead title="Not found" />
      <Empty icon="search" title="There is no such page" actions={<Link className="btn" to="/">Go to Ask now</Link>}>
        The address may be old or mistyped.
      </Empty>
    </>
  );
}

/** The console: sign-in state first, then one screen inside the shell. */
export function App() {
  const session = useSession();
  const { path } = useAddress();
  useEffect(() => {
    if (!session.data) return;
    rememberCsrf(session.data.csrf);
    startLive();
  }, [session.data]);
  // The token must be known before a first write can be clicked.
  if (session.data) rememberCsrf(session.data.csrf);
  if (session.isError && !session.data) return <main><Failure failure={session.error} retry={() => void session.refetch()} /></main>;
  return (
    <SessionContext value={session.data ?? null}>
      <Shell path={path}>
        <Boundary what="This page" key={path}>
          <Suspense fallback={<Bones />}>{session.data ? <Screen path={path} /> : <Bones />}</Suspense>
        </Boundary>
      </Shell>
      <Toasts />
    </SessionContext>
  );
}
