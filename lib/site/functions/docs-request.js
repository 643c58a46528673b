// Viewer request of the documentation: a folder is its index.html, and the address of a folder ends in a slash, as the
// links of its pages begin there.
const VERSION = /^[0-9]+\.[0-9]+\.[0-9]+$/;

function handler(event) {
  const request = event.request;
  const uri = request.uri;
  // the root of a distribution that serves nothing else
  if (uri === '/') return to('/docs/');
  // the normalized path may begin with the prefix where the path as it was sent does not
  if (!/^\/docs(\/|$)/.test(uri) || UNCLEAR.test(uri)) return notFound();
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  if (name === '') request.uri = uri + 'index.html';
  else if (name.indexOf('.') < 0 || VERSION.test(name)) return to(uri + '/');
  return request;
}

function to(place) {
  return {
    statusCode: 308,
    statusDescription: 'Permanent Redirect',
    headers: { location: { value: place }, 'cache-control': { value: 'no-cache' } },
  };
}
