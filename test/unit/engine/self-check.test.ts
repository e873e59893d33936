import { describe, expect, it } from 'vitest'
import { contextDefaults } from '#engine/bindings/context-params.ts'
import { modelDefaults } from '#engine/bindings/model-params.ts'
import { checkBuild, checkVersion } from '#engine/bindings/self-check.ts'

const known = { version: '0.4.0', modelDefaults, contextDefaults }

describe('checkBuild', () => {
  it('accepts the build that the bindings describe', () => {
    expect(() => checkBuild(known)).not.toThrow()
    expect(() => checkBuild({ ...known, version: '0.4.0-dev' })).not.toThrow()
  })

  it.each(['0.5.0', '0.4.1', '0.4.00', ''])('refuses version "%s"', (version) => {
    expect(() => checkVersion(version)).toThrow('engine-build-unknown')
  })

  it('refuses a library that cannot say its version', () => {
    expect(() => checkVersion(null)).toThrow('engine-build-unknown')
  })

  it.each(Object.keys(contextDefaults))(
    'refuses a context whose %s has another default',
    (field) => {
      const changed = { ...contextDefaults, [field]: 77 }
      expect(() => checkBuild({ ...known, contextDefaults: changed })).toThrow(field)
    }
  )

  it.each(Object.keys(modelDefaults))('refuses a model whose %s has another default', (field) => {
    const changed = { ...modelDefaults, [field]: 77 }
    expect(() => checkBuild({ ...known, modelDefaults: changed })).toThrow(field)
  })

  it('refuses structs with fields that it does not know', () => {
    const grown = { ...modelDefaults, brand_new: 1 }
    expect(() => checkBuild({ ...known, modelDefaults: grown })).toThrow('brand_new')
  })
})
