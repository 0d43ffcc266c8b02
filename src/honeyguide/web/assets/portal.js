// The one script of the advocate's page: copying the link. Without it the link can be selected and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.querySelector("[data-said]");
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    said.textContent = "Your link is in the clipboard.";
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2500);
  });
}
