/** A window's page is a web page, no more: sandboxed, without Node, in a world apart from the preload script. */
export function windowOptions(preloadFile: string) {
  return {
    width: 1040,
    height: 780,
    minWidth: 360,
    minHeight: 420,
    show: false,
    title: 'Skein',
    autoHideMenuBar: true,
    webPreferences: {
      preload: preloadFile,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false
    }
  } as const
}
