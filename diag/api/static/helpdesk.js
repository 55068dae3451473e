// The panel as a dashboard app of Chatwoot: the box is filled from the conversation that is open there. Only the
// page that frames this one is listened to, and only if its origin may frame it; nothing is sent by itself.
'use strict';

const LONGEST_BOX = 16000;
const framers = (document.body.dataset.frames || '').split(' ').filter(Boolean);
let conversation = null; // the number of the one that is open
let filled = null; // what was put into the box from it

function mayFrame(origin) {
  return framers.some((one) => {
    if (one === "'self'") return origin === location.origin;
    const [scheme, host] = one.toLowerCase().split('://');
    if (!host.startsWith('*.')) return origin === new URL(one).origin;
    return origin.startsWith(`${scheme}://`) && origin.endsWith(host.slice(1));
  });
}

function context(data) { // the conversation of a message of Chatwoot; null for anything else
  try {
    const told = typeof data === 'string' ? JSON.parse(data) : data;
    return told?.event === 'appContext' ? told.data?.conversation ?? null : null;
  } catch { return null; }
}

function userWrote(messages) { // what the user wrote, the newest as far as the box takes it
  const texts = (Array.isArray(messages) ? messages : [])
    .filter((one) => one?.message_type === 0 && !one.private && typeof one.content === 'string')
    .map((one) => one.content.trim())
    .filter(Boolean);
  let length = 0;
  const kept = [];
  for (const text of texts.reverse()) {
    length += text.length + 2;
    if (length > LONGEST_BOX) break;
    kept.unshift(text);
  }
  return kept.join('\n\n');
}

function ticket() { // "Watch this" is about the conversation
  const field = document.getElementById('watch-ticket');
  if (field && conversation !== null && !field.value) field.value = conversation;
}

function takeUp(told) {
  const number = Number.isSafeInteger(told.id) ? String(told.id) : null;
  const box = document.getElementById('q');
  const text = userWrote(told.messages);
  const typed = box.value !== box.defaultValue && box.value !== filled && box.value !== '';
  const another = number !== conversation;
  conversation = number;
  if (text && !typed && (another || box.value === '')) {
    box.value = text;
    filled = text;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }
  ticket();
}

if (framers.length && window.parent !== window) {
  addEventListener('message', (event) => {
    if (event.source !== window.parent || !mayFrame(event.origin)) return;
    const told = context(event.data);
    if (told) takeUp(told);
  });
  new MutationObserver(ticket).observe(document.getElementById('main'), { childList: true, subtree: true });
  window.parent.postMessage('chatwoot-dashboard-app:fetch-info', '*'); // says nothing but that we listen
}
