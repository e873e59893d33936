import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { SkeinError } from '#contract/errors.ts'
import type { Chat } from '#chat/chat.ts'
import type { ChatModel } from '#chat/chat-model.ts'
import { errorResponse } from '../error-response.ts'
import { begin } from './answer.ts'
import { createEnvelope } from './envelope.ts'
import { chatForm, completionForm, type AnswerForm } from './form.ts'
import { ParameterError } from './parameters.ts'
import { readChatRequest, readCompletionRequest, type ApiRequest } from './request.ts'
import { streamedAnswer } from './streamed-answer.ts'
import { wholeAnswer } from './whole-answer.ts'

/** Longer than any prompt that fits a context, short enough to hold in memory. */
const maxBodyBytes = 16 * 1024 * 1024

/** The OpenAI-compatible API, to be mounted under `/v1` behind a check of the token. */
export function openAiRoutes(chat: Chat): Hono {
  const routes = new Hono()
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => errorResponse(new SkeinError('request-too-large'))
  })
  routes.get('/models', () =>
    Response.json({ object: 'list', data: chat.models().map(modelObject) })
  )
  routes.get('/models/:name{.+}', async (context) =>
    Response.json(modelObject(await chat.find(context.req.param('name'), context.req.raw.signal)))
  )
  routes.post('/chat/completions', limit, (context) =>
    respond(chat, context, readChatRequest, chatForm)
  )
  routes.post('/completions', limit, (context) =>
    respond(chat, context, readCompletionRequest, completionForm)
  )
  routes.all('*', () => errorResponse(new SkeinError('page-unknown')))
  routes.onError((thrown) => {
    const error = SkeinError.from(thrown)
    return errorResponse(error, thrown instanceof ParameterError ? { param: thrown.param } : {})
  })
  return routes
}

async function respond(
  chat: Chat,
  context: Context,
  read: (body: unknown) => ApiRequest,
  form: AnswerForm
): Promise<Response> {
  const request = read(await readJson(context))
  const model = await chat.find(request.generate.model, context.req.raw.signal)
  const envelope = createEnvelope(form.idPrefix, model.alias)
  const withLogprobs = request.generate.topLogprobs !== undefined
  const answer = await begin(chat.generate(request.generate, context.req.raw.signal))
  return request.stream
    ? streamedAnswer(answer, form, envelope, { withLogprobs, includeUsage: request.includeUsage })
    : wholeAnswer(answer, form, envelope, withLogprobs)
}

async function readJson(context: Context): Promise<unknown> {
  try {
    return await context.req.json()
  } catch (thrown) {
    throw SkeinError.from(thrown, 'invalid-input')
  }
}

function modelObject({ info, alias }: ChatModel): object {
  return { id: alias, object: 'model', created: 0, owned_by: 'skein', skein: info }
}
