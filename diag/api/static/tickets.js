// A batch of tickets: the page arrives in pieces, and its progress is shown while they do; filters.
'use strict';

let sending = null;

async function send(event) {
  event.preventDefault();
  const form = event.target;
  sending?.abort();
  const mine = sending = new AbortController();
  const area = find('#batch');
  const bar = find('#batch-progress');
  bar.hidden = false;
  find('#batch-stop').hidden = false;
  try {
    const answer = await fetch(form.action, { method: 'POST', signal: mine.signal, body: new FormData(form) });
    let text = '';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const ticks = text.match(/<i data-all="\d+">/g) || [];
      if (ticks.length) advance(ticks.length, Number(ticks[0].match(/\d+/)[0]));
    }
    const page = new DOMParser().parseFromString(text, 'text/html');
    area.replaceWith(document.adoptNode(find('#batch', page)));
    const wrong = find('#wrong', page);
    find('#wrong')?.remove();
    if (wrong) form.before(document.adoptNode(wrong));
    document.title = page.title;
    prepare(find('#batch'));
    narrow();
    find('#wrong, #batch h2')?.focus();
  } catch (error) {
    if (mine === sending && mine.signal.aborted) say(words.stopped);
    else say(words.network);
  } finally {
    bar.hidden = true;
  }
}

function advance(done, all) {
  const bar = find('#batch-progress progress');
  bar.max = all;
  bar.value = done;
  find('#batch-said').textContent = words.progress.replace('{done}', done).replace('{all}', all);
}

// --- filters: the address says which, so that going back takes them away --------------------------

function narrow() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const group of all('.group')) {
    group.hidden = [...wanted].some(([name, value]) => value && group.dataset[name] !== value);
  }
  for (const link of all('.filters a[data-filter]')) {
    const own = new URLSearchParams(link.hash.slice(1));
    const name = link.dataset.filter;
    link.toggleAttribute('aria-current', (own.get(name) ?? '') === (wanted.get(name) ?? ''));
    if (link.hasAttribute('aria-current')) link.setAttribute('aria-current', 'true');
    const next = new URLSearchParams(wanted);
    if (own.get(name)) next.set(name, own.get(name)); else next.delete(name);
    link.dataset.next = '#' + next;
  }
}

document.addEventListener('submit', (event) => { if (event.target.id === 'tickets') send(event); });
document.addEventListener('click', (event) => {
  if (event.target.closest('#batch-stop')) sending?.abort();
  const link = event.target.closest('.filters a[data-filter]');
  if (!link) return;
  event.preventDefault();
  location.hash = link.dataset.next;
});
addEventListener('hashchange', narrow);
narrow();
