import type { PlantModel } from './plant.ts'

const sensors = { celsiusNoise: 0.5, wattsNoise: 2, sensorLag: 3 }

/** Cards as they are found in homes, by what their makers tell of power and what reviews measure of heat. */
export const plants = {
  /** Stays cool whatever it does. */
  'a cool desktop': {
    ...sensors,
    idleWatts: 25,
    fullWatts: 170,
    celsiusPerWatt: 0.28,
    heatingSeconds: 90
  },
  /** Would come to 100 °C. */
  'a hot desktop': {
    ...sensors,
    idleWatts: 30,
    fullWatts: 300,
    celsiusPerWatt: 0.25,
    heatingSeconds: 120
  },
  'a laptop': { ...sensors, idleWatts: 8, fullWatts: 90, celsiusPerWatt: 0.85, heatingSeconds: 40 },
  /** A large chip under a small cooler: hot within seconds. */
  'a quick one': {
    ...sensors,
    idleWatts: 30,
    fullWatts: 350,
    celsiusPerWatt: 0.2,
    heatingSeconds: 15
  },
  /** A heavy cooler, and a sensor that lags. */
  'a slow one': {
    ...sensors,
    sensorLag: 6,
    idleWatts: 30,
    fullWatts: 250,
    celsiusPerWatt: 0.3,
    heatingSeconds: 300
  },
  /** In a case without air: would come to 180 °C. */
  'an oven': {
    ...sensors,
    sensorLag: 5,
    idleWatts: 15,
    fullWatts: 200,
    celsiusPerWatt: 0.8,
    heatingSeconds: 60
  }
} as const satisfies Record<string, PlantModel>
