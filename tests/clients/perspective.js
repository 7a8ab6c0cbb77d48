// Calls the npm client `perspective-api-client` with its constant address rewritten: node perspective.js URL KEY TEXT
'use strict';
const axios = require('axios');
const Perspective = require('perspective-api-client');

const [url, apiKey, text] = process.argv.slice(2);
axios.interceptors.request.use(config => ({
  ...config,
  url: config.url.replace('https://commentanalyzer.googleapis.com', url),
}));

new Perspective({apiKey})
  .analyze(text, {attributes: ['toxicity', 'insult']})
  .then(answer => console.log(JSON.stringify({answer})))
  .catch(error => console.log(JSON.stringify({name: error.name, message: error.message})));
