// The contract in the browser: Swagger UI, which is shipped with us, reads the service's own document.
'use strict';

const contract = document.getElementById('contract');

// What it leaves undone for keyboards and screen readers; it draws anew at every click.
const repairs = {
  '.info .title': (one) => one.setAttribute('aria-level', 2), // below our own heading
  '.opblock-tag': (one) => one.setAttribute('aria-level', 3),
  '.opblock h4, .models h4': (one) => one.setAttribute('aria-level', 4),
  '.opblock h5, .models h5': (one) => one.setAttribute('aria-level', 5),
  '.information-container': (one) => region(one, 'About'),
  '.scheme-container': (one) => region(one, 'Server'),
  'table[role=region]': (one) => one.removeAttribute('role'),
  'button a[href]': (one) => one.removeAttribute('href'), // the button does the same
  'pre:not([tabindex])': (one) => { one.tabIndex = 0; },
  'select:not([aria-label])': (one) => one.setAttribute('aria-label', nameOf(one)),
};

function region(one, name) {
  one.setAttribute('role', 'region');
  one.setAttribute('aria-label', name);
}

function nameOf(choice) {
  const row = choice.closest('tr[data-param-name]');
  const label = choice.closest('label, .examples-select, .content-type-wrapper')?.textContent.split('\n')[0];
  return row?.dataset.paramName || (choice.id === 'servers' ? 'Server' : choice.className.includes('example') ? 'Example' : label?.slice(0, 30) || 'Media type');
}

function repair() {
  for (const [selector, mend] of Object.entries(repairs)) for (const one of contract.querySelectorAll(selector)) mend(one);
}

if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark-mode');
new MutationObserver(repair).observe(contract, { childList: true, subtree: true });
SwaggerUIBundle({
  url: document.body.dataset.contract,
  dom_id: '#contract',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { activated: false }, // its colours are too faint
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
});
