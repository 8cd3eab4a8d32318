// What the official OpenAI SDK for Node makes of the relay. Each case says its name when it is through.
// The provider behind the relay knows the cases by the first words of their users.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const client = new OpenAI({ maxRetries: 0 });
const model = process.env.MODEL;
const weather = {
  type: 'function',
  name: 'weather',
  description: 'The weather at a place.',
  parameters: {
    type: 'object',
    properties: { place: { type: 'string' } },
    required: ['place'],
    additionalProperties: false,
  },
  strict: true,
};
const Person = z.object({ name: z.string(), age: z.number() });
const person = { name: 'Ada', age: 36 };

const user = (content) => ({ role: 'user', content });
const calls = (response) => response.output.filter((item) => item.type === 'function_call');
const output = (call, text) => ({ type: 'function_call_output', call_id: call.call_id, output: text });

const cases = {
  async text() {
    const response = await client.responses.create({ model, input: 'text: say hello' });
    assert.equal(response.object, 'response');
    assert.equal(response.status, 'completed');
    assert.equal(response.output_text, 'Hello, Ada');
    assert.equal(response.error, null);
    const { input_tokens, output_tokens, total_tokens } = response.usage;
    assert.equal(total_tokens, input_tokens + output_tokens);
    assert.deepEqual(response.output.map((item) => item.type), ['reasoning', 'message']);
  },

  async events() {
    const stream = await client.responses.create({ model, input: 'events: say hello', stream: true });
    const names = [];
    let text = '';
    let number = 0;
    for await (const event of stream) {
      assert.equal(event.sequence_number, number++);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (names.at(-1) !== event.type) names.push(event.type);
    }
    assert.equal(text, 'Hello, Ada');
    assert.deepEqual(names, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  },

  async stream() {
    const stream = client.responses.stream({ model, input: 'stream: say hello' });
    let snapshot;
    stream.on('response.output_text.delta', (event) => (snapshot = event.snapshot));
    const response = await stream.finalResponse();
    assert.equal(snapshot, 'Hello, Ada');
    assert.equal(response.output_text, 'Hello, Ada');
  },

  async tool() {
    const input = [user('tool: how is Rome?')];
    const first = await client.responses.create({ model, input, tools: [weather], store: false });
    const [call] = calls(first);
    assert.deepEqual(JSON.parse(call.arguments), { place: 'Rome' });
    input.push(...first.output, output(call, 'sunny'));
    const second = await client.responses.create({ model, input, tools: [weather], store: false });
    assert.equal(second.output_text, 'It is sunny in Rome.');
  },

  async parallel_tools() {
    const stream = client.responses.stream({ model, input: 'parallel: Rome or Oslo?', tools: [weather] });
    let pieces = '';
    for await (const event of stream) {
      if (event.type === 'response.function_call_arguments.delta') pieces += event.delta;
    }
    const first = await stream.finalResponse();
    const made = calls(first);
    assert.equal(pieces, made.map((call) => call.arguments).join(''));
    const places = made.map((call) => JSON.parse(call.arguments).place);
    assert.deepEqual(places, ['Rome', 'Oslo']);
    const second = await client.responses.create({
      model,
      previous_response_id: first.id,
      input: made.map((call, index) => output(call, ['sunny', 'snow'][index])),
      tools: [weather],
    });
    assert.equal(second.output_text, 'Go to Rome.');
    assert.equal(second.previous_response_id, first.id);
  },

  async structured() {
    const text = { format: zodTextFormat(Person, 'person') };
    const response = await client.responses.parse({ model, input: 'structured: who?', text });
    assert.deepEqual(response.output_parsed, person);
    const stream = client.responses.stream({ model, input: 'structured again: who?', text });
    assert.deepEqual((await stream.finalResponse()).output_parsed, person);
  },

  async conversation() {
    const first = await client.responses.create({ model, input: 'conversation: one' });
    const second = await client.responses.create({ model, previous_response_id: first.id, input: 'two' });
    assert.equal(second.output_text, 'I heard one and two.');
    await assert.rejects(
      client.responses.create({ model, previous_response_id: 'resp_unknown', input: 'three' }),
      (error) =>
        error instanceof OpenAI.BadRequestError &&
        error.code === 'previous_response_not_found' &&
        error.param === 'previous_response_id',
    );
  },

  async kept() {
    const response = await client.responses.create({ model, input: 'kept: say hello' });
    const again = await client.responses.retrieve(response.id);
    assert.equal(again.output_text, response.output_text);
    assert.equal(again.id, response.id);
    await assert.rejects(client.responses.cancel(response.id), OpenAI.BadRequestError);
    await client.responses.delete(response.id);
    await assert.rejects(client.responses.retrieve(response.id), OpenAI.NotFoundError);
  },

  async compact() {
    const compacted = await client.responses.compact({ model, input: [user('compact: one')] });
    assert.equal(compacted.object, 'response.compaction');
    assert.deepEqual(compacted.output.map((item) => item.type), ['message', 'compaction']);
    const next = await client.responses.create({ model, input: [...compacted.output, user('after: go on')] });
    assert.equal(next.output_text, 'I go on.');
  },

  async models() {
    const models = await client.models.list();
    assert.ok(models.data.some((listed) => listed.id === model && listed.object === 'model'));
  },

  async refusal() {
    for (const stream of [false, true]) {
      await assert.rejects(
        client.responses.create({ model, input: 'refusal: say hello', stream }),
        (error) => error instanceof OpenAI.RateLimitError && error.message.includes('too much'),
      );
    }
  },
};

for (const [name, run] of Object.entries(cases)) {
  await run();
  console.log(name);
}
