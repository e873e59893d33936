import { afterAll, describe, expect, test } from 'vitest'
import { ChatTemplateRenderer, type TemplateInput } from '#model/chat-template.ts'

const entry = new URL('../../../src-main/template-worker.ts', import.meta.url)
/** Loaded machines start threads and run templates slowly: limits are only met by those that never end. */
const renderer = new ChatTemplateRenderer(entry, { timeMillis: 30_000, memoryMegabytes: 64 })
afterAll(() => renderer.close())

const system = { role: 'system', content: 'Be brief.' }
const user = { role: 'user', content: 'Hi!' }
const assistant = { role: 'assistant', content: 'Hello.' }
const clock = { name: 'clock', parameters: { type: 'object', properties: { zone: {} } } }

function input(overrides: Partial<TemplateInput> = {}): TemplateInput {
  return {
    messages: [user],
    addGenerationPrompt: true,
    bosToken: '<s>',
    eosToken: '</s>',
    now: new Date(2026, 6, 4, 9, 5, 7).getTime(),
    ...overrides
  }
}

function render(template: string, overrides: Partial<TemplateInput> = {}): Promise<string> {
  return renderer.render(template, input(overrides))
}

describe('templates in the shapes that models carry', () => {
  const chatMl = `
{%- if messages[0]['role'] != 'system' -%}
    {{- '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
    {{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\\n' -}}
{%- endif -%}`

  test('turns between markers, a system prompt of its own when there is none', async () => {
    expect(await render(chatMl)).toBe(
      '<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n'
    )
    const messages = [system, user, assistant]
    expect(await render(chatMl, { messages, addGenerationPrompt: false })).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n'
    )
  })

  test('alternating turns, refused when they do not alternate', async () => {
    const template = `{{ bos_token }}{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate user/assistant') }}
{% endif %}
{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}
{%- else %}{{ message['content'] + eos_token }}{% endif %}
{% endfor %}`
    expect(await render(template, { messages: [user, assistant, user] })).toBe(
      '<s>[INST] Hi! [/INST]Hello.</s>[INST] Hi! [/INST]'
    )
    await expect(render(template, { messages: [user, user] })).rejects.toMatchObject({
      code: 'template-invalid',
      detail: 'Roles must alternate user/assistant'
    })
  })

  test('a system prompt that goes into the first turn', async () => {
    const template = `{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
  {%- set first_user_prefix = messages[0]['content'] | trim + '\\n\\n' -%}
  {%- set loop_messages = messages[1:] -%}
{%- else -%}
  {%- set first_user_prefix = '' -%}
  {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
  {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
  {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else '') }}
  {%- if message['content'] is string -%}{{ message['content'] | trim }}
  {%- else -%}{{ raise_exception('Invalid content type') }}{%- endif -%}
  {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}`
    expect(await render(template, { messages: [system, user] })).toBe(
      '<s><start_of_turn>user\nBe brief.\n\nHi!<end_of_turn>\n<start_of_turn>model\n'
    )
  })

  test('tools as JSON, and the date in English', async () => {
    const template = `{%- if strftime_now is defined %}{{ strftime_now('%d %B %Y, %H:%M:%S, %a, day %j') }}{% endif %}
{% if tools is defined and tools %}
{% for tool in tools %}
{{ tool | tojson }}
{% endfor %}
{% endif %} and {{ tools | default([]) | length }} tools`
    expect(await render(template)).toBe('04 July 2026, 09:05:07, Sat, day 185 and 0 tools')
    expect(await render(template, { tools: [clock] })).toBe(
      '04 July 2026, 09:05:07, Sat, day 185' +
        '{"name": "clock", "parameters": {"type": "object", "properties": {"zone": {}}}}\n and 1 tools'
    )
  })

  test('namespaces, loop controls, macros, filters and slices', async () => {
    const template = `{%- macro tag(name, text='-') -%}<{{ name }}>{{ text }}</{{ name }}>{%- endmacro -%}
{%- set ns = namespace(last_user=-1, count=0) -%}
{%- for message in messages -%}
  {%- if message.role == 'system' %}{% continue %}{% endif -%}
  {%- if message.role == 'user' %}{% set ns.last_user = loop.index0 %}{% endif -%}
  {%- set ns.count = ns.count + 1 -%}
  {%- if ns.count == 3 %}{% break %}{% endif -%}
{%- endfor -%}
{{ ns.last_user }} {{ ns.count }} {{ tag('a') }}{{ tag('b', text='x') }}
{%- for message in messages[::-1] %} {{ message.role | upper }}{% endfor %} {{ messages | map(attribute='content') | join(',') }}`
    const messages = [system, user, assistant, user, assistant]
    expect(await render(template, { messages })).toBe(
      '3 3 <a>-</a><b>x</b> ASSISTANT USER ASSISTANT USER SYSTEM Be brief.,Hi!,Hello.,Hi!,Hello.'
    )
  })
})

describe('what templates of reasoning and tool-calling models ask of the interpreter', () => {
  const reasoned = { role: 'assistant', content: '<think>\nHm.\n</think>\n\nHello.' }

  test('earlier reasoning is cut away, the last question is found from behind', async () => {
    const template = `
{%- set ns = namespace(last_query=0, searching=true) -%}
{%- for message in messages[::-1] -%}
    {%- set index = (messages | length - 1) - loop.index0 -%}
    {%- if ns.searching and message.role == 'user' and not (message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) -%}
        {%- set ns.searching = false -%}
        {%- set ns.last_query = index -%}
    {%- endif -%}
{%- endfor -%}
{%- for message in messages -%}
    {%- set content = message.content -%}
    {%- if message.role == 'assistant' and '</think>' in content and loop.index0 < ns.last_query -%}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') -%}
    {%- endif -%}
    {{- '[' ~ message.role ~ ':' ~ content ~ ']' -}}
    {%- if loop.last and loop.previtem.role == 'assistant' -%}{{- ' after an answer' -}}{%- endif -%}
{%- endfor -%}`
    expect(await render(template, { messages: [user, reasoned, user] })).toBe(
      '[user:Hi!][assistant:Hello.][user:Hi!] after an answer'
    )
    expect(await render(template, { messages: [user, reasoned] })).toBe(
      '[user:Hi!][assistant:<think>\nHm.\n</think>\n\nHello.]'
    )
  })

  test('tools are listed by name and typed by macros', async () => {
    const template = `
{%- macro type_of(parameter) -%}
    {%- if parameter.type is defined and parameter.type == 'array' -%}{{ type_of(parameter['items']) + '[]' }}
    {%- elif parameter.enum is defined -%}{{ parameter.enum | tojson }}
    {%- else -%}{{ parameter.type | default('any') }}{%- endif -%}
{%- endmacro -%}
{%- for tool in tools | selectattr('type', 'equalto', 'function') -%}
    {%- for name, parameter in tool.function.parameters.properties.items() -%}
        {{- name ~ (': ' if name in tool.function.parameters.required else '?: ') ~ type_of(parameter) ~ '\\n' -}}
    {%- endfor -%}
{%- endfor -%}`
    const parameters = {
      properties: {
        words: { type: 'array', items: { type: 'string' } },
        unit: { enum: ['c', 'f'] },
        other: {}
      },
      required: ['words']
    }
    const tools = [{ type: 'function', function: { name: 'f', parameters } }, { type: 'other' }]
    expect(await render(template, { tools })).toBe(
      'words: string[]\nunit?: ["c", "f"]\nother?: any\n'
    )
  })
})

describe('templates that are made to do harm', () => {
  const unsafe = {
    'a template that is no Jinja': '{% for %}',
    'a tag that is never closed': '{% if true %}',
    'a function that does not exist': '{{ exec("ls") }}',
    'the constructor of a value': "{{ ''.constructor.constructor('return process')() }}",
    'the process': '{{ process.exit(1) }}',
    'require and import': "{{ require('fs') }}",
    'a prompt beyond all bounds':
      "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(28) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    'a range beyond all bounds': '{% for i in range(100000000000) %}{% endfor %}'
  }
  test.each(Object.entries(unsafe))('%s is refused', async (_, template) => {
    await expect(render(template)).rejects.toMatchObject({ code: 'template-invalid' })
    expect(await render('still {{ messages | length }}')).toBe('still 1')
  })

  test('names of the worker are not defined', async () => {
    const names = ['process', 'global', 'globalThis', 'require', 'console', '__proto__', 'eval']
    const template = names.map((name) => `{{ ${name} is defined }}`).join(' ')
    expect(await render(template)).toBe(names.map(() => 'false').join(' '))
  })

  test('one that never ends is stopped, and the next one renders', async () => {
    const strict = new ChatTemplateRenderer(entry, { timeMillis: 500, memoryMegabytes: 64 })
    const forever =
      '{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}'
    const endless = strict.render(forever, input())
    await expect(endless).rejects.toMatchObject({ code: 'template-timeout' })
    await strict.close()
    expect(await render('{{ bos_token }}')).toBe('<s>')
  })

  test('one that fills the memory is stopped, and the next one renders', async () => {
    const bomb =
      "{% set ns = namespace(l=['x']) %}{% for i in range(40) %}{% set ns.l = ns.l + ns.l %}{% endfor %}"
    await expect(render(bomb)).rejects.toMatchObject({ code: 'template-invalid' })
    expect(await render('{{ eos_token }}')).toBe('</s>')
  })

  test('closing ends what still runs', async () => {
    const closing = new ChatTemplateRenderer(entry)
    const running = closing.render('{{ bos_token }}', input())
    const outcome = expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await closing.close()
    await outcome
    await expect(closing.render('', input())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
