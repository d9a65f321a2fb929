// The events bubble: one place hears those of all elements.
const said = document.getElementById("said");

document.addEventListener("flatbed-scan-end", ({ detail: { state, pages } }) => {
  said.textContent = `The scan is ${state}, with ${pages.length} pages.`;
});
document.addEventListener("flatbed-page-edited", ({ detail: { op } }) => {
  said.textContent = `A page was changed: ${op}.`;
});
document.addEventListener("flatbed-save", ({ detail: file }) => {
  said.textContent = `Saved as ${file.name}.`;
});
