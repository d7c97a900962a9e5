/** The page of the message gateway: the newest message first, as they come. */

const list = document.getElementById("messages");
const phone = document.getElementById("phone");
const live = document.getElementById("live");
const LINK = /(https?:\/\/[^\s]+)/;
const STATES = { taken: "taken", delivered: "delivered", lost: "not delivered" };
let messages = [];

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

function linked(text) {
  const paragraph = made("p", "text");
  paragraph.dir = "auto";
  for (const piece of text.split(LINK)) {
    if (!LINK.test(piece)) {
      paragraph.append(piece);
      continue;
    }
    const link = made("a", "", piece);
    link.href = piece;
    link.target = "_blank";
    link.rel = "noopener";
    paragraph.append(link);
  }
  return paragraph;
}

function card(message) {
  const item = made("li");
  const head = made("div", "head");
  const to = made("button", "", message.recipient);
  to.type = "button";
  to.title = "Only this phone";
  to.addEventListener("click", () => { phone.value = message.recipient; draw(); });
  const time = made("time", "", new Date(message.at).toLocaleTimeString([], { hour12: false }));
  time.dateTime = message.at;
  const way = message.channel === "whatsapp" ? "WhatsApp" : "SMS";
  head.append(to, made("span", "", message.sender ? `${way} from ${message.sender}` : way), time);
  const foot = made("p", "foot", `${STATES[message.state] || message.state} · ${message.company} · ${[...message.text].length} letters`);
  if (message.state === "lost") foot.classList.add("bad");
  if (message.reported && message.reported !== "200") {
    foot.textContent += ` · its report was answered with ${message.reported}`;
    foot.classList.add("bad");
  }
  item.append(head, linked(message.text), foot);
  return item;
}

function draw() {
  const wanted = phone.value.replace(/[^\d]/g, "");
  const shown = messages.filter((message) => message.recipient.replace(/[^\d]/g, "").includes(wanted));
  list.replaceChildren(...shown.map(card));
  document.getElementById("empty").hidden = shown.length > 0;
}

function follow() {
  const stream = new EventSource("/stream");
  stream.addEventListener("messages", (event) => {
    const picture = JSON.parse(event.data);
    messages = picture.messages;
    for (const select of document.querySelectorAll("select")) select.value = picture.modes[select.dataset.company];
    live.textContent = "Live";
    live.className = "";
    draw();
  });
  stream.addEventListener("error", () => {
    live.textContent = "Not connected";
    live.className = "off";
  });
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.ok ? "" : (await answer.json()).error.message;
}

phone.addEventListener("input", draw);
document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("answer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = document.getElementById("told");
  const newest = messages.find((message) => message.recipient === phone.value.trim());
  if (!phone.value.trim()) {
    told.textContent = "Choose a phone first.";
    return;
  }
  const company = newest ? newest.company : "africastalking";
  const fault = await post("/answers", { company, phone: phone.value.trim(), text: document.getElementById("text").value });
  told.textContent = fault || "Sent.";
});
for (const select of document.querySelectorAll("select")) {
  select.addEventListener("change", () => post("/control", { company: select.dataset.company, mode: select.value }));
}
follow();
