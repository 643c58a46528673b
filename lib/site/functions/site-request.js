// Viewer request of the web app: a path whose last part has no dot is a page of the app, anything else is a file.
function handler(event) {
  const request = event.request;
  if (UNCLEAR.test(request.uri)) return notFound();
  const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (name.indexOf('.') < 0) request.uri = '/index.html';
  return request;
}
