// What the pages do beyond HTML: ask without leaving the page, tabs, copying, keys. All work without it.
'use strict';

const words = JSON.parse(document.body.dataset.words || '{}');
const find = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const fill = (text, seconds) => text.replace('{seconds}', seconds);

function say(text) {
  const region = find('#said');
  region.textContent = '';
  setTimeout(() => { region.textContent = text; }, 50);
}

// --- copying ---------------------------------------------------------------------------------

function sourceOf(button) { // "reply" is the one whose language is shown
  const name = button.dataset.copy;
  if (name !== 'reply') return document.getElementById(name);
  return all('[role=tabpanel]:not([hidden]) .letter', button.closest('.reply'))[0];
}

async function copy(button) {
  const source = sourceOf(button);
  const done = await written(source.textContent, source);
  say(done ? words.copied : words.not_copied);
  if (!done) return;
  const word = find('.word', button);
  button.dataset.label ||= word.textContent;
  word.textContent = words.copied;
  button.classList.add('copied');
  setTimeout(() => {
    word.textContent = button.dataset.label;
    button.classList.remove('copied');
  }, 2000);
}

async function written(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // not allowed, as in a frame: copy what is selected
    const focused = document.activeElement;
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    focused.focus({ preventScroll: true });
    if (!done) { source.closest('details')?.setAttribute('open', ''); getSelection().selectAllChildren(source); }
    return done;
  }
}

// --- tabs ------------------------------------------------------------------------------------

function choose(tab, focus) {
  for (const other of all('[role=tab]', tab.parentElement)) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', chosen);
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (focus) tab.focus();
}

function steer(event) {
  const tabs = all('[role=tab]', event.currentTarget);
  const now = tabs.indexOf(event.target);
  const last = tabs.length - 1;
  const next = {
    ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now === 0 ? last : now - 1, Home: 0, End: last,
  }[event.key];
  if (now < 0 || next === undefined) return;
  event.preventDefault();
  choose(tabs[next], true);
}

function prepare(inside = document) {
  for (const list of all('[role=tablist]', inside)) {
    list.addEventListener('keydown', steer);
    choose(find('[aria-selected=true]', list));
  }
  find('.nav [aria-current=page]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
}

// --- asking ----------------------------------------------------------------------------------

let asking = null;
let clock = null;
let shown = location.search;

function progress(on) {
  clearInterval(clock);
  if (!find('#progress')) return;
  find('#progress').hidden = !on;
  find('#result').setAttribute('aria-busy', on);
  document.body.classList.toggle('asking', on);
  if (!on) { find('#progress-said').textContent = ''; return; }
  const start = Date.now();
  const tick = () => {
    find('#elapsed').textContent = fill(words.elapsed, Math.round((Date.now() - start) / 1000));
  };
  find('#progress-said').textContent = fill(words.asking, document.body.dataset.deadline);
  tick();
  clock = setInterval(tick, 1000);
}

async function ask(event) {
  event.preventDefault();
  asking?.abort();
  const mine = asking = new AbortController();
  const limit = setTimeout(() => mine.abort('late'), (Number(document.body.dataset.deadline) + 15) * 1000);
  progress(true);
  try {
    const answer = await fetch('panel', {
      method: 'POST', signal: mine.signal, body: new FormData(find('#form')), headers: { Accept: 'text/html' },
    });
    const html = await answer.text();
    if (mine !== asking) return;
    if (answer.redirected) { location.assign(answer.url); return; } // the page of a case
    const page = new DOMParser().parseFromString(html, 'text/html');
    if (!find('#form', page)) throw new Error(answer.status);
    if (answer.ok) show(page); else refuse(page);
  } catch (error) {
    if (mine === asking) lost();
  } finally {
    clearTimeout(limit);
    if (mine === asking) progress(false);
  }
}

function show(page) { // the question as it was understood, and the answer
  take('#form', page);
  take('#result', page);
  document.title = page.title;
  const article = find('article.result');
  const address = article ? '?' + article.dataset.ask : location.search;
  if (shown !== address) history.pushState(null, '', address);
  shown = address;
  find('#other').href = find('#other', page).href.replace(/.*\/panel/, 'panel');
  prepare();
  find('#verdict')?.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

function refuse(page) { // what is wrong; the last answer stays where it is
  take('#form', page);
  find('#still').hidden = !find('article.result');
  find('#wrong').focus();
}

function lost() {
  const box = find('#wrong');
  find('h2', box).textContent = words.failed;
  const items = [words.network, words.failed_hint].map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  });
  find('ul', box).replaceChildren(...items);
  find('#still').hidden = !find('article.result');
  box.hidden = false;
  box.focus();
}

function take(selector, page) {
  find(selector).replaceWith(document.adoptNode(find(selector, page)));
}

// --- a new account has none of the old one's claims --------------------------------------------

function forget() { // what the page before had filled in; the service drops it as well
  const before = new URLSearchParams(find('[name=was]').value);
  const same = find('#q').value.trim() === (before.get('account') ?? '');
  find('#claimed')?.toggleAttribute('hidden', !same);
  find('#l-claims')?.toggleAttribute('hidden', !same);
  find('#clear')?.toggleAttribute('hidden', !same);
  for (const input of all('#claims input')) {
    const old = before.get(input.name) ?? '';
    if (!old) continue;
    if (!same && input.value === old) input.value = '';
    if (same && !input.value) input.value = old;
  }
}

// --- the zone of the browser, where the page was asked for in none ----------------------------

function zoned() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const address = new URL(location);
  if (!zone || address.searchParams.has('tz') || document.body.dataset.zone !== 'none') return;
  const select = find('#tz');
  if (select && !find('article.result')) {
    if (select.dataset.given === 'yes') return;
    if (!all('option', select).some((option) => option.value === zone)) select.add(new Option(zone, zone));
    select.value = zone;
    find('#zone summary').lastChild.textContent = select.selectedOptions[0].textContent.replace(/[ （(]*UTC.*/, '') || 'UTC';
    return;
  }
  address.searchParams.set('tz', zone);
  location.replace(address);
}

// --- the gateways right now, once the page is shown ---------------------------------------------

async function fillNow() {
  const from = find('#now')?.dataset.from;
  if (!from) return;
  try {
    const answer = await fetch(from);
    const lines = find('#now', new DOMParser().parseFromString(await answer.text(), 'text/html'));
    if (!answer.ok || !lines?.children.length || !find('#now')) return;
    for (const link of all('a', lines)) link.href = new URL(link.getAttribute('href'), answer.url);
    find('#now').replaceWith(document.adoptNode(lines));
  } catch { /* the page is whole without it */ }
}

// --- keys --------------------------------------------------------------------------------------

function keys(change) {
  let on = true;
  try {
    if (change !== undefined) localStorage.setItem('diag-keys', change ? 'on' : 'off');
    on = localStorage.getItem('diag-keys') !== 'off';
  } catch { on = change ?? document.body.dataset.keys !== 'off'; }
  document.body.dataset.keys = on ? 'on' : 'off';
  const button = find('#keys-switch');
  if (button) {
    button.textContent = on ? words.keys_off : words.keys_on;
    button.setAttribute('aria-pressed', on);
  }
}

document.addEventListener('keydown', (event) => {
  const field = event.target.closest('input, textarea, select');
  if (event.target.id === 'q' && event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    find('#form').requestSubmit();
    return;
  }
  if (event.key === 'Escape') {
    const drop = event.target.closest('details.pill[open]');
    if (drop) { drop.open = false; find('summary', drop).focus(); }
  }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === 'off') return;
  const target = all(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`).find((one) => one.offsetParent);
  if (!target) return;
  event.preventDefault();
  if (target.matches('textarea')) { target.focus(); target.select(); } else target.click();
});

// --- at the start ----------------------------------------------------------------------------

document.documentElement.classList.add('script');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
  const tab = event.target.closest('[role=tab]');
  if (tab) choose(tab);
  if (event.target.closest('#keys-switch')) keys(document.body.dataset.keys === 'off');
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
  if (event.target.closest('.pick-one, .chip a') && !elsewhere) progress(true);
  for (const drop of all('details.pill[open]')) if (!drop.contains(event.target)) drop.open = false;
});
if (find('#form')) {
  document.addEventListener('submit', (event) => { if (event.target.id === 'form') ask(event); });
  document.addEventListener('input', (event) => { if (event.target.id === 'q') forget(); });
  document.addEventListener('change', (event) => { // a date that is chosen is the window
    if (event.target.matches('#from, #to')) for (const choice of all('[name=last]')) choice.checked = choice.value === '';
  });
  addEventListener('pageshow', () => progress(false));
  addEventListener('popstate', () => { if (location.search !== shown) location.reload(); });
  const answered = find('article.result');
  if (answered) {
    shown = '?' + answered.dataset.ask;
    history.replaceState(null, '', 'panel' + shown); // what was redacted leaves the address as well
  } else if (new URLSearchParams(location.search).has('q')) {
    history.replaceState(null, '', 'panel');
  }
  if (find('#wrong').hidden && !answered) find('#q').focus({ preventScroll: true });
}
keys();
prepare();
zoned();
addEventListener('load', fillNow);
