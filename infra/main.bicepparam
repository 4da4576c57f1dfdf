using 'main.bicep'

// What most people change. Models come and go: compare with `az cognitiveservices account list-models`.
param deployments = [
  { name: 'realtime', model: 'gpt-realtime-2.1', version: '', sku: 'GlobalStandard', capacity: 1 }
  { name: 'transcription', model: 'gpt-live-transcribe', version: '', sku: 'GlobalStandard', capacity: 1 }
  { name: 'embeddings', model: 'text-embedding-3-small', version: '1', sku: 'GlobalStandard', capacity: 10 }
  // For when the realtime model is out of reach: ears, a mind and a voice, one after the other.
  { name: 'file-transcription', model: 'gpt-transcribe', version: '', sku: 'GlobalStandard', capacity: 1 }
  { name: 'chat', model: 'gpt-5.4-mini', version: '', sku: 'GlobalStandard', capacity: 10 }
  { name: 'speech', model: 'gpt-4o-mini-tts', version: '', sku: 'GlobalStandard', capacity: 1 }
]
param alertEmail = ''
