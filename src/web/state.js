// What is shown is what the address says, and nothing else: back, forward, reload and a copied link work.
// On a server: /ui/VIEW?PARAMETERS, in pprof's words. In a file: #VIEW?PARAMETERS.

const offline = location.protocol === 'file:' || document.getElementById('data') !== null

function split() {
  if (!offline) return [location.pathname.split('/').pop() || '', location.search]
  const [view, query] = location.hash.slice(1).split('?')
  return [view, query || '']
}

export const state = {
  offline,
  view: () => split()[0] || 'flamegraph',
  params: () => new URLSearchParams(split()[1]),
  /** @param {string} name */
  get: name => state.params().get(name) || '',
  /** The address of a view with some parameters changed; '' takes one away. */
  address(changes, view = state.view()) {
    const params = state.params()
    for (const [name, value] of Object.entries(changes)) {
      if (value === '' || value === null) params.delete(name)
      else params.set(name, value)
    }
    const query = params.toString()
    return (offline ? '#' + view : './' + view) + (query ? '?' + query : '')
  },
  go(changes, view = state.view()) {
    const to = state.address(changes, view)
    if (offline) {
      location.hash = to
    } else {
      history.pushState(null, '', to)
      window.dispatchEvent(new PopStateEvent('popstate'))
    }
  },
  /** @param {() => void} then */
  onChange(then) {
    window.addEventListener(offline ? 'hashchange' : 'popstate', then)
  },
}
