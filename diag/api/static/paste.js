// Filling in the form from what a user wrote: each value with the words it comes from, doubts as a choice.
'use strict';

let zoneChosen = Boolean(find('#tz').value) && !find('#tz').dataset.preset;

async function read() {
  const text = find('#pasted').value;
  find('#intake').hidden = false;
  for (const part of all('.heard')) part.hidden = true;
  if (!text.trim()) { hear(words.paste_first); return; }
  hear(words.reading);
  const tz = zoneChosen ? find('#tz').value.trim() : '';
  try {
    const answer = await fetch('v1/intake', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text, lang: document.body.dataset.lang, ...(tz ? { tz } : {}) }),
    });
    const found = await answer.json();
    if (answer.ok) take(found); else hear(reasons(found));
  } catch {
    hear(words.network);
  }
}

function hear(text) {
  find('#intake-said').textContent = text;
}

function reasons(problem) {
  const lang = document.body.dataset.lang;
  const errors = problem.errors.length ? problem.errors : [problem];
  return errors.map((error) => error.text[lang]).join(' ');
}

function take(found) {
  const lang = document.body.dataset.lang;
  forget();
  const named = Object.entries(found.fields).filter(([name, field]) => field && box(name));
  const filled = named.filter(([, field]) => field.value !== null);
  for (const [name, field] of filled) enter(name, field.value, field.text || field.value);
  const when = times(found);
  const parts = [...filled.map(([name]) => name), ...when];
  const list = [...new Set(parts.map(label))].join(colon === '：' ? '、' : ', ');
  const exposed = found.exposed.length > 0;
  if (exposed) find('#pasted').value = found.text;
  hear((exposed ? words.secret + ' ' : '') + (list ? words.found + list : words.nothing));
  tell('#intake-kind', `${found.kind.label[lang]} · ${found.urgency.text[lang]}`);
  tell('#question-text', found.question ? found.question[found.reply_language] : '');
  find('#question-text').lang = found.reply_language === 'zh' ? 'zh-CN' : 'en';
  find('#intake-question').hidden = !found.question;
  const doubts = named.filter(([, field]) => field.value === null && field.candidates.length);
  const choices = doubts.map(([name, field]) => offer(name, field.candidates));
  if (found.missing.includes('zone') && !zoneChosen && find('#tz').value) choices.push(zone());
  find('#intake-choices').replaceChildren(...choices);
  find('#intake-choices').hidden = !choices.length;
}

function forget() { // what came from a text before, unless somebody has changed it since
  for (const hint of all('.filled')) {
    const input = find('input', hint.closest('.field'));
    if (input.value === input.dataset.filled) input.value = '';
    hint.remove();
  }
}

function tell(selector, text) {
  find(selector).textContent = text;
  find(selector).hidden = !text;
}

function box(name) {
  return find(`#form .field input[name="${CSS.escape(name)}"]`);
}

function label(name) {
  return find('label', box(name).closest('.field')).textContent;
}

function enter(name, value, said) {
  const input = box(name);
  input.value = value;
  input.dataset.filled = input.value;
  const hint = document.createElement('p');
  hint.className = 'filled';
  hint.textContent = words.filled + said;
  input.closest('.field').append(hint);
  const group = input.closest('details');
  if (group) group.open = true;
}

function times(found) { // the window in the zone of the form, which is the text's where it names one
  if (!found.window) return [];
  const dated = found.times.filter((time) => time.from);
  const place = found.case?.tz || dated[0]?.zone || find('#tz').value || 'UTC';
  find('#tz').value = place;
  for (const choice of all('[name=last]')) choice.checked = choice.value === '';
  const said = dated.map((time) => time.text).join(' / ');
  for (const name of ['from', 'to']) {
    const at = new Date(found.window[name]);
    enter(name, at.toLocaleString('sv-SE', { timeZone: place }).replace(' ', 'T'), said);
  }
  return ['from', 'to'];
}

function button(text, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', act);
  return made;
}

function offer(name, candidates) {
  const made = document.createElement('p');
  const buttons = candidates.map((found) => button(found.value, () => {
    enter(name, found.value, found.text);
    made.remove();
    box(name).focus();
  }));
  made.append(label(name) + ' ', ...buttons);
  return made;
}

function zone() {
  const made = document.createElement('p');
  const text = words.read_in.replace('{zone}', find('#tz').value);
  made.append(button(text, () => { zoneChosen = true; read(); }));
  return made;
}

find('#tz').addEventListener('input', () => { zoneChosen = true; });
find('#read').addEventListener('click', read);
