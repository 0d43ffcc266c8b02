import type { Conditions, Test } from "../../api/programs";
import { useAttributes } from "../../api/programQueries";
import { Add, Amount, Drop, Num, Tail, Text, Word, Words } from "../../parts/inline";
import { freshTest, tidy } from "./model";
import { FACTS, factKind, OPS, testWords } from "./words";

type Kind = ReturnType<typeof factKind>;
type Props = { conditions: Conditions; onChange: (next: Conditions) => void; facts: readonly string[]; lead: string; mayWrite: boolean; currency: string; add?: string; /** Whatever this workspace has seen may be spoken of, too. */ whatever?: boolean };

/** Conditions as a clause: all of these, and any of those. The word between two of them says which, and changes it. */
export function ConditionsLine({ conditions, onChange, facts, lead, mayWrite, currency, add = "a condition", whatever = false }: Props) {
  const seen = useAttributes(whatever && mayWrite).data?.rows ?? [];
  const all = conditions.all ?? [];
  const any = conditions.any ?? [];
  const put = (which: "all" | "any", tests: Test[]) => onChange(tidy({ ...conditions, [which]: tests }));
  const names = Object.fromEntries([...facts.map((one) => [one, FACTS[one]?.text ?? one]), ...(whatever ? seen.filter((one) => !(one.name in FACTS)).map((one) => [one.name, one.words]) : [])]) as Record<string, string>;
  const kindOf = (fact: string): Kind => (fact in FACTS ? factKind(fact) : /^(number|count)/.test(seen.find((one) => one.name === fact)?.kind ?? (fact.startsWith("graph.") ? "number" : "")) ? "number" : "word");
  const list = (which: "all" | "any", tests: Test[], join: "and" | "or") => tests.map((test, i) => (
    <span key={`${which}${i}`} style={{ display: "contents" }}>
      {i > 0 && (
        <Word
          label="And, or" value={join} options={{ and: "and", or: "or" }} disabled={!mayWrite}
          onChange={(next) => { if (next !== join) onChange(tidy(next === "or" ? { all: all.filter((_, at) => at < i - 1), any: [...all.slice(i - 1), ...any] } : { all: [...all, ...any.slice(i - 1)], any: any.filter((_, at) => at < i - 1) })); }}
        />
      )}
      <TestWords test={test} kind={kindOf(test.fact)} kindOf={kindOf} names={names} mayWrite={mayWrite} currency={currency} onChange={(next) => put(which, tests.map((one, at) => (at === i ? next : one)))} />
      {mayWrite && <Drop label="Remove this condition" onClick={() => put(which, tests.filter((_, at) => at !== i))} />}
    </span>
  ));
  return (
    <>
      {(all.length > 0 || any.length > 0) && <span>{lead}</span>}
      {list("all", all, "and")}
      {all.length > 0 && any.length > 0 && <Tail>, and{any.length > 1 ? " either" : ""}</Tail>}
      {list("any", any, "or")}
      {mayWrite && <Add onClick={() => (any.length > 0 ? put("any", [...any, freshTest(facts[0] ?? "segment")]) : put("all", [...all, freshTest(facts[0] ?? "segment")]))}>{add}</Add>}
    </>
  );
}

function TestWords({ test, kind, kindOf, names, mayWrite, currency, onChange }: { test: Test; kind: Kind; kindOf: (fact: string) => Kind; names: Record<string, string>; mayWrite: boolean; currency: string; onChange: (next: Test) => void }) {
  if (!test.fact) return <b>{testWords(test)}</b>;
  const off = !mayWrite;
  const many = test.op === "one_of" || test.op === "none_of";
  const ops = OPS[kind] ?? {};
  return (
    <>
      <Word label="What it speaks of" value={test.fact} options={names} disabled={off} onChange={(fact) => onChange(fact in FACTS || kindOf(fact) === "word" ? freshTest(fact) : { fact, op: "at_least", value: 1 })} />
      {kind === "yesno"
        ? <Word label="Yes or no" value={String(test.value)} options={{ true: `is a ${test.fact}`, false: `is not a ${test.fact}` }} disabled={off} onChange={(next) => onChange({ ...test, value: next === "true" })} />
        : <Word label="Comparison" value={test.op} options={ops} disabled={off} onChange={(op) => onChange({ ...test, op, value: op === "one_of" || op === "none_of" ? [test.value].flat().map(String).filter(Boolean) : Array.isArray(test.value) ? (test.value[0] ?? "") : test.value })} />}
      {kind === "word" && (many
        ? <Words label="Values" value={[test.value].flat().map(String)} placeholder="enterprise, large" disabled={off} onChange={(value) => onChange({ ...test, value })} />
        : <Text label="Value" value={String(test.value)} placeholder="enterprise" disabled={off} onChange={(value) => onChange({ ...test, value })} />)}
      {kind === "number" && (test.fact === "amount"
        ? <Amount label="Amount" value={Number(test.value)} currency={currency} disabled={off} onChange={(value) => onChange({ ...test, value })} />
        : <Num label="Number" value={Number(test.value)} disabled={off} onChange={(value) => onChange({ ...test, value })} />)}
    </>
  );
}
