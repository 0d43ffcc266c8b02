/** The nonce of this answer's content policy; the browser hides it from selectors, not from scripts. */
const nonce = (): string => document.querySelector<HTMLElement>("script[nonce], link[nonce], style[nonce]")?.nonce ?? "";

/**
 * A mail as a document that our own content policy lets be seen: styles, which it refuses inside the
 * markup, become rules of one style sheet that carries its nonce. They are taken out before anything
 * is parsed, so that nothing has to be refused. Scripts stay shut out by the frame's sandbox.
 */
export function readableMail(html: string): string {
  const rules: string[] = [];
  const plain = html
    .replace(/<style\b[^>]*>([\s\S]*?)<\/style>/gi, (_, css: string) => {
      rules.push(css);
      return "";
    })
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  const mail = new DOMParser().parseFromString(plain, "text/html");
  for (const one of mail.querySelectorAll("style, script, base, meta[http-equiv], link")) one.remove();
  mail.querySelectorAll("[data-style]").forEach((element, i) => {
    rules.push(`[data-hg="${i}"]{${element.getAttribute("data-style") ?? ""}}`);
    element.removeAttribute("data-style");
    element.setAttribute("data-hg", String(i));
  });
  const sheet = rules.join("\n").replaceAll("<", "\\3c ");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><style nonce="${nonce()}">${sheet}</style></head>${mail.body.outerHTML}</html>`;
}
