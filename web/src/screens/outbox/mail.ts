/** The nonce of this answer's content policy; the browser hides it from selectors, not from scripts. */
const nonce = (): string => document.querySelector<HTMLElement>("script[nonce], link[nonce], style[nonce]")?.nonce ?? "";

/**
 * A mail as a document that our own content policy lets be seen: style attributes, which it refuses,
 * become rules of one style sheet that carries its nonce. Scripts stay refused by sandbox and policy.
 */
export function readableMail(html: string): string {
  const mail = new DOMParser().parseFromString(html, "text/html");
  const rules: string[] = [];
  for (const sheet of mail.querySelectorAll("style")) rules.push(sheet.textContent ?? "");
  for (const one of mail.querySelectorAll("style, script, base, meta[http-equiv], link")) one.remove();
  mail.querySelectorAll("[style]").forEach((element, i) => {
    rules.push(`[data-hg="${i}"]{${element.getAttribute("style") ?? ""}}`);
    element.removeAttribute("style");
    element.setAttribute("data-hg", String(i));
  });
  const sheet = mail.createElement("style");
  sheet.setAttribute("nonce", nonce());
  sheet.textContent = rules.join("\n").replaceAll("<", "\\3c ");
  mail.head.append(sheet);
  return `<!doctype html>${mail.documentElement.outerHTML}`;
}
