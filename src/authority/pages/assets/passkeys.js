// Runs on the passkey pages alone: asks the browser for a passkey and sends its answer with the form.
const place = document.getElementById('passkey')
const form = place?.querySelector('form')
const show = (id, shown) => {
  const element = document.getElementById(id)
  if (element !== null) element.hidden = !shown
}

show('passkey-missing', false)
const supported =
  typeof PublicKeyCredential === 'function' &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function' &&
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
show('passkey-unsupported', !supported)
show('passkey-form', supported)

async function ask() {
  const options = JSON.parse(place.dataset.options)
  return place.dataset.kind === 'create'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  show('passkey-failed', false)
  ask().then(
    (credential) => {
      form.elements.namedItem('response').value = JSON.stringify(credential)
      form.submit()
    },
    () => show('passkey-failed', true),
  )
})
