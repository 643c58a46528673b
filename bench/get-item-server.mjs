/** Answers every request with the same GetItem answer of DynamoDB, given as JSON in the first argument; says its port. */
import { createServer } from 'node:http';

const [, , answer] = process.argv;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
  });
}).listen(0, '127.0.0.1', () => process.send(server.address().port));
