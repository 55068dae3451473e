// What the page does beyond HTML: ask without leaving it, tabs, copying.
'use strict';

const words = JSON.parse(document.body.dataset.words || '{}');
const find = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const fill = (text, seconds) => text.replace('{seconds}', seconds);
const colon = document.documentElement.lang.startsWith('zh') ? '：' : ': ';

function say(text) {
  const region = find('#said');
  region.textContent = '';
  setTimeout(() => { region.textContent = text; }, 50);
}

// --- copying ---------------------------------------------------------------------------------

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const done = await written(source.textContent, source);
  say(done ? words.copied : words.not_copied);
  if (!done) return;
  button.dataset.label ||= button.textContent;
  button.textContent = words.copied;
  button.classList.add('copied');
  setTimeout(() => {
    button.textContent = button.dataset.label;
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
    source.after(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    focused.focus();
    if (!done) getSelection().selectAllChildren(source);
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

function prepare() {
  for (const list of all('[role=tablist]')) {
    list.addEventListener('keydown', steer);
    choose(find('[aria-selected=true]', list));
  }
}

// --- asking ----------------------------------------------------------------------------------

let asking = null;
let clock = null;
let shown = location.search;

function question() {
  const given = [...new FormData(find('#form'))].map(([name, value]) => [name, value.trim()]);
  const asked = Object.fromEntries(given.filter(([, value]) => value));
  if (asked.last) { delete asked.from; delete asked.to; }
  return asked;
}

function lacking(asked) { // what the form can tell at once, in its own words
  if (asked.last) return [];
  const names = ['from', 'to'].filter((name) => !asked[name] || !asked.tz);
  return names.map((field) => {
    const text = asked[field] ? words.missing_zone : words.missing_time;
    return { field, text: { zh: text, en: text } };
  });
}

function progress(on) {
  clearInterval(clock);
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
  clear();
  const asked = question();
  const errors = lacking(asked);
  if (errors.length) { trouble({ errors }); return; }
  progress(true);
  try {
    const answer = await fetch('v1/diagnoses', {
      method: 'POST', signal: mine.signal, body: JSON.stringify({ ...asked, format: 'html' }),
      headers: { 'Content-Type': 'application/json', Accept: 'text/html' },
    });
    if (answer.ok) show(await answer.text());
    else trouble(await answer.json());
  } catch (error) {
    if (mine === asking) trouble({ text: {}, errors: [] });
  } finally {
    clearTimeout(limit);
    if (mine === asking) progress(false);
  }
}

function show(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const article = document.adoptNode(find('article.result', page));
  for (const link of all('a.pick, #link', article)) link.href = 'panel' + link.search;
  find('#result').replaceChildren(article);
  document.title = page.title;
  const address = '?' + article.dataset.ask;
  if (shown !== address) history.pushState(null, '', address);
  shown = address;
  turn(address);
  settle(new URLSearchParams(address));
  prepare();
  find('#verdict').focus();
  find('article.result').scrollIntoView({ block: 'start' });
}

function settle(understood) { // what was cut out of the question, as a secret is, leaves the form too
  for (const input of all('#claims input')) input.value = understood.get(input.name) ?? '';
}

function turn(address) {
  const other = new URL(find('#other').href);
  const lang = other.searchParams.get('lang');
  other.search = address;
  other.searchParams.set('lang', lang);
  find('#other').href = other;
}

// --- what is wrong ---------------------------------------------------------------------------

function clear() {
  find('#wrong').hidden = true;
  for (const error of all('.error', find('#form'))) error.remove();
  for (const field of all('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

function trouble(problem) {
  const lang = document.body.dataset.lang;
  const box = find('#wrong');
  find('#result').replaceChildren();
  const particular = problem.errors.length && problem.code && problem.code !== 'bad_input';
  find('h2', box).textContent = problem.errors.length ? words.wrong : words.failed;
  const items = problem.errors.length
    ? problem.errors.map(({ field, text }) => mark(field, text[lang]))
    : [item(problem.text[lang] || words.network), item(words.failed_hint)];
  find('ul', box).replaceChildren(...(particular ? [item(problem.text[lang])] : []), ...items);
  box.hidden = false;
  box.focus();
}

function item(content) {
  const made = document.createElement('li');
  made.append(content);
  return made;
}

function mark(name, text) {
  const place = find(`[data-field="${CSS.escape(name)}"]`);
  if (!place) return item(name + colon + text);
  const input = find('input', place);
  const error = document.createElement('p');
  error.className = 'error';
  error.id = name + '-error';
  error.textContent = '⚠ ' + text;
  input.setAttribute('aria-invalid', true);
  input.setAttribute('aria-describedby', error.id);
  find('.choices', place) ? find('.choices', place).after(error) : place.append(error);
  const link = document.createElement('a');
  link.href = '#' + input.id;
  link.textContent = find('label, legend', place).textContent;
  if (place.closest('details')) place.closest('details').open = true;
  return item(link);
}

// --- at the start ----------------------------------------------------------------------------

document.documentElement.classList.add('script');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
  const tab = event.target.closest('[role=tab]');
  if (tab) choose(tab);
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
  if (event.target.closest('.pick') && find('#form') && !elsewhere) progress(true);
});
if (find('#form')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!find('#tz').value && zone) {
    find('#tz').value = zone;
    find('#tz').dataset.preset = 'browser';
  }
  find('#form').addEventListener('submit', ask);
  addEventListener('pageshow', () => progress(false));
  addEventListener('popstate', () => { if (location.search !== shown) location.reload(); });
  const answered = find('article.result');
  if (answered) {
    shown = '?' + answered.dataset.ask;
    history.replaceState(null, '', shown); // what was redacted leaves the address as well
  }
}
prepare();
