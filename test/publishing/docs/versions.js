globalThis.docsVersions = { latest: '1.0.0', versions: ['1.0.0'] };
