// What the Codex SDK makes of a shim in the place of Codex. Says as JSON, a line each, what came of every case.

import { Codex } from '@openai/codex-sdk';

const codex = new Codex({ codexPathOverride: process.env.SHIM });
const options = { workingDirectory: process.cwd(), skipGitRepoCheck: true, approvalPolicy: 'never', threadSource: 'user' };
const say = (value) => console.log(JSON.stringify(value));

const thread = codex.startThread(options);
const { events } = await thread.runStreamed('events: look around');
const seen = [];
for await (const event of events) seen.push(event.item ? `${event.type} ${event.item.type}` : event.type);
say(seen);

const again = await codex.resumeThread(thread.id, options).run('again: and now?');
say({ response: again.finalResponse, input: again.usage.input_tokens > 0 });

const outputSchema = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
};
const structured = await codex.startThread(options).run('structured: who?', { outputSchema });
say(JSON.parse(structured.finalResponse));

const refused = codex.startThread(options).run('refused: never');
say(await refused.then(() => 'not refused', (error) => error.message));
