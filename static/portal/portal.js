// What the pages gain with JavaScript; without it every form works as it is.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const word = button.querySelector("span");
  const usual = word.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      word.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(source);
      return;
    }
    setTimeout(() => { word.textContent = usual; }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const form of document.querySelectorAll("[data-notes]")) {
  const boxes = [...form.querySelectorAll("[name=accepted]")];
  const counters = form.querySelectorAll("[data-counter]");
  const button = form.querySelector("[data-enable]");
  const left = form.querySelector("[data-left]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    const missing = boxes.length - ticked;
    for (const each of counters) each.textContent = `${ticked} / ${boxes.length}`;
    if (!button) return;
    // Not `disabled`: the button keeps its place in the order of the keyboard.
    button.setAttribute("aria-disabled", String(missing > 0));
    const words = missing === 1 ? left.dataset.one : left.dataset.many;
    left.textContent = missing ? words.replace("#", missing) : "";
  };
  form.addEventListener("change", count);
  form.addEventListener("submit", (event) => {
    const first = boxes.find((box) => !box.checked);
    if (!first) return;
    event.preventDefault();
    first.focus();
  });
  count();
}

// Say the state to screen readers when it changes, not at every refresh.
const announcement = document.getElementById("announcement");
let said = document.querySelector("[data-health]")?.dataset.health;
document.addEventListener("htmx:after:swap", () => {
  const now = document.querySelector("[data-health]")?.dataset.health;
  if (now && now !== said) announcement.textContent = said = now;
});
