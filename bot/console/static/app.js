// Comfort only: every act works without it.
"use strict";

for (const button of document.querySelectorAll("[data-confirm]")) {
  button.addEventListener("click", (event) => {
    if (!window.confirm(button.dataset.confirm)) event.preventDefault();
  });
}

for (const back of document.querySelectorAll(".back")) {
  if (history.length < 2) continue;
  back.hidden = false;
  back.addEventListener("click", (event) => {
    event.preventDefault();
    history.back();
  });
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    window.setTimeout(() => form.querySelectorAll("[type=submit]").forEach((each) => (each.disabled = true)), 0);
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("[type=submit]").forEach((each) => (each.disabled = false));
});

const writing = document.querySelector("form[data-keep]");
if (writing) {
  richText(writing);
  keep(writing);
  dropFiles(writing);
}

function richText(form) {
  const box = form.querySelector(".writer");
  const page = box.querySelector(".writer-page");
  const source = form.querySelector("#body");
  const format = form.querySelector("#format");
  if (format.value === "markdown" && source.value) return;
  if (format.value === "text") page.replaceChildren(...paragraphs(source.value));
  else page.replaceChildren(...new DOMParser().parseFromString(source.value, "text/html").body.childNodes);
  format.value = "html";
  format.closest(".inline").hidden = true;
  source.hidden = true;
  form.querySelector("label[for=body]").addEventListener("click", () => page.focus());
  box.hidden = false;
  const write = () => {
    source.value = page.textContent.trim() || page.querySelector("img") ? page.innerHTML : "";
  };
  document.execCommand("defaultParagraphSeparator", false, "p");
  page.addEventListener("input", write);
  form.addEventListener("submit", write);
  form.addEventListener("restored", () =>
    page.replaceChildren(...new DOMParser().parseFromString(source.value, "text/html").body.childNodes));
  box.querySelectorAll("[data-command]").forEach((button) =>
    button.addEventListener("click", () => {
      page.focus();
      document.execCommand(button.dataset.command, false, button.dataset.value);
      write();
    }));
  write();
}

function paragraphs(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  });
}

// What is written stays in this tab until it is saved, so a lost connection loses nothing.
function keep(form) {
  const key = `gongbao-${form.dataset.keep}`;
  const fields = () => [...form.elements].filter((each) => each.name && !["file", "hidden", "checkbox"].includes(each.type));
  const told = form.querySelector(".kept");
  const kept = sessionStorage.getItem(key);
  if (kept && !document.querySelector(".flash.bad")) {
    const values = JSON.parse(kept);
    fields().forEach((each) => each.name in values && (each.value = values[each.name]));
    form.dispatchEvent(new Event("restored"));
    told.textContent = "已恢复上次没有保存的内容。";
  }
  let timer;
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const values = Object.fromEntries(fields().map((each) => [each.name, each.value]));
      try {
        sessionStorage.setItem(key, JSON.stringify(values));
        told.textContent = "草稿已暂存在本页。";
      } catch {
        told.textContent = "内容太大，暂存不下，请及时保存。";
      }
    }, 800);
  });
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    sessionStorage.removeItem(key);
  });
}

function dropFiles(form) {
  const field = form.querySelector("#files");
  for (const kind of ["dragover", "drop"]) {
    form.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      field.classList.toggle("over", kind === "dragover");
      if (kind === "drop") field.files = event.dataTransfer.files;
    });
  }
}
