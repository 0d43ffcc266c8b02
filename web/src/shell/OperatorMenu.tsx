import { useContext } from "react";

import { write } from "../api/client";
import { words } from "../format";
import { SelfMenu } from "../parts/menu";
import { toastProblem } from "../parts/toast";
import { Avatar } from "../parts/ui";
import { SessionContext } from "../session";
import { chooseTheme, useTheme, type Theme } from "../theme";
import css from "./shell.module.css";

async function signOut(): Promise<void> {
  try {
    await write("/api/session/end");
    window.location.assign("/sign-in");
  } catch (failure) {
    toastProblem("You are still signed in", failure, () => void signOut());
  }
}

/** Who is signed in, the theme, the shortcuts, the way out. */
export function OperatorMenu({ onHelp }: { onHelp: () => void }) {
  const session = useContext(SessionContext);
  const theme = useTheme();
  if (!session) return null;
  const { name, email, role } = session.operator;
  const choose = (id: string) => {
    if (id === "help") onHelp();
    else if (id === "out") void signOut();
    else chooseTheme(id as Theme);
  };
  return (
    <SelfMenu
      label={email}
      className={css.operator}
      side="up"
      onChoose={choose}
      button={
        <>
          <Avatar name={name || email} size={28} />
          <span className="grow">
            <span className="clip strong small">{name || email}</span>
            <span className="clip tiny muted">{words(role)}</span>
          </span>
        </>
      }
      choices={[
        { id: "system", label: "Theme of this device", checked: theme === "system" },
        { id: "light", label: "Light", checked: theme === "light" },
        { id: "dark", label: "Dark", checked: theme === "dark" },
        { id: "help", label: "Keyboard shortcuts", hint: "?" },
        { id: "out", label: "Sign out", tone: "bad" },
      ]}
    />
  );
}
