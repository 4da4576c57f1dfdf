using 'main.bicep'

// What most people change. Models come and go: compare with `az cognitiveservices account list-models`.
param deployments = [
  { name: 'realtime', model: 'gpt-realtime-2.1', version: '', sku: 'GlobalStandard', capacity: 1 }
  { name: 'transcription', model: 'gpt-live-transcribe', version: '', sku: 'GlobalStandard', capacity: 1 }
  { name: 'chat', model: 'gpt-4o-mini', version: '2024-07-18', sku: 'GlobalStandard', capacity: 10 }
  { name: 'embeddings', model: 'text-embedding-3-small', version: '1', sku: 'GlobalStandard', capacity: 10 }
]
param alertEmail = ''
