// A path with dot segments, plain or encoded, is one path to CloudFront, which normalizes it to choose the behaviour,
// and another to the origin, which gets it as it was sent. Such a path, or one with a backslash, is nowhere.
const UNCLEAR = /\\|%5c|(^|\/)(\.|%2e){1,2}(\/|$)/i;

function notFound() {
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'application/problem+json' },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'no such place' }),
  };
}
