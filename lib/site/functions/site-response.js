// Viewer response of the web app: the header rules whose path matches, in the order of the file.
function handler(event) {
  const headers = event.response.headers;
  const given = {};
  for (let at = 0; at < RULES.length; at++) {
    const rule = RULES[at];
    const match = new RegExp(rule.path).exec(event.request.uri);
    if (match === null) continue;
    for (let i = 0; i < rule.detach.length; i++) {
      delete given[rule.detach[i]];
      delete headers[rule.detach[i]];
    }
    for (let i = 0; i < rule.set.length; i++) {
      const name = rule.set[i][0];
      const value = rule.set[i][1].replace(/:([a-z]\w*)/gi, function (text, key) {
        const place = rule.names.indexOf(key);
        return place < 0 ? text : match[place + 1];
      });
      given[name] = given[name] === undefined ? value : given[name] + ', ' + value;
      headers[name] = { value: given[name] };
    }
  }
  return event.response;
}
