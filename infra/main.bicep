// What the voice agent needs on Azure: one Azure OpenAI resource with its deployments, the right to use it without a
// key, and telemetry with an alert. infra/README.md has the commands.

targetScope = 'resourceGroup'

@description('Where the resource stands. Near your users: every word crosses this distance twice.')
param location string = resourceGroup().location

@description('Of the Azure OpenAI resource, and of its address: letters, digits, hyphens. It must be unique in the world.')
@minLength(3)
@maxLength(40)
param name string = 'voice-agent-${uniqueString(resourceGroup().id)}'

@description('One deployment a job. The names are what REALTIME_MODEL and its like are set to. Capacity counts thousands of tokens a minute, except for models that hear or speak, where it depends on the model: see your quota.')
param deployments deployment[]

@description('Who may use the models without a key: the object id of a managed identity, a group, or yourself. Empty: nobody.')
param principalId string = ''

@allowed(['ServicePrincipal', 'User', 'Group'])
param principalType string = 'ServicePrincipal'

@description('Keys can leak; identities cannot. Turn keys off once everything signs in.')
param allowKeys bool = true

@description('Where alerts go. Empty: no alert is made.')
param alertEmail string = ''

@description('An alert tells when, over 15 minutes, the slowest twentieth of the turns waited longer than this for an answer.')
param slowTurnSeconds int = 3

@description('An alert tells when more than this share of the responses failed or were lost, or of the conversations broke off.')
param failedPercent int = 5

@description('Of fewer than this (turns or responses in 15 minutes, conversations in an hour), nothing is said: one bad call is no trend.')
param atLeast int = 5

type deployment = {
  name: string
  model: string
  version: string // empty: whichever is the default; pin one before you depend on how it talks
  // Global: computed wherever there is room; DataZone: within the EU, or the US; Standard: in the region, where offered.
  sku: ('GlobalStandard' | 'DataZoneStandard' | 'Standard' | 'GlobalProvisionedManaged' | 'DataZoneProvisionedManaged' | 'ProvisionedManaged')
  capacity: int
}

resource openai 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: name
  location: location
  kind: 'OpenAI'
  sku: { name: 'S0' }
  properties: {
    customSubDomainName: name // signing in without a key works on such an address only
    disableLocalAuth: !allowKeys
    publicNetworkAccess: 'Enabled'
  }
}

@batchSize(1) // the resource takes one at a time
resource models 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01' = [
  for one in deployments: {
    parent: openai
    name: one.name
    sku: { name: one.sku, capacity: one.capacity }
    properties: {
      model: union({ format: 'OpenAI', name: one.model }, empty(one.version) ? {} : { version: one.version })
      versionUpgradeOption: empty(one.version) ? 'OnceNewDefaultVersionAvailable' : 'OnceCurrentVersionExpired'
    }
  }
]

var openaiUser = '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd' // the built-in role "Cognitive Services OpenAI User"

resource mayUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  name: guid(openai.id, principalId, openaiUser)
  scope: openai
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', openaiUser)
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id }
}

module alerts 'alerts.bicep' = if (!empty(alertEmail)) {
  name: 'alerts'
  params: {
    location: location
    name: name
    insightsId: insights.id
    email: alertEmail
    slowTurnSeconds: slowTurnSeconds
    failedPercent: failedPercent
    atLeast: atLeast
  }
}

// No key among these: what a deployment prints, its history keeps.
output AZURE_OPENAI_ENDPOINT string = openai.properties.endpoint
output APPLICATIONINSIGHTS_RESOURCE_ID string = insights.id
output deploymentNames array = [for one in deployments: one.name]
