// Calls the npm client `openai`: node moderations.mjs URL KEY TEXT
import OpenAI from 'openai';

const [baseURL, apiKey, input] = process.argv.slice(2);
const client = new OpenAI({baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0});
try {
  console.log(JSON.stringify({answer: await client.moderations.create({input})}));
} catch (error) {
  console.log(JSON.stringify({name: error.constructor.name, message: error.message, status: error.status}));
}
