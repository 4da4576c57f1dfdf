// Alerts on what the agent itself measures (realtime_helpers/telemetry.py).

param location string
param name string
param insightsId string
param email string
param slowTurnSeconds int
param failedPercent int

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  properties: {
    groupShortName: 'voiceagent'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// A histogram arrives as sum, count, least and greatest of each minute, so a minute's mean stands for its turns.
var slowTurns = '''
customMetrics
| where name == "voice_agent.turn.latency" and valueCount > 0
| summarize p95 = percentilew(valueSum / valueCount, valueCount, 95)
'''

var failures = '''
customMetrics
| where name == "voice_agent.responses"
| extend status = tostring(customDimensions["voice_agent.response.status"])
| summarize failed = sumif(valueSum, status in ("failed", "lost")), every = sum(valueSum)
| where every > 0
| project percent = 100.0 * failed / every
'''

resource slow 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = {
  name: '${name}-slow-turns'
  location: location
  properties: {
    displayName: 'Voice agent: people wait too long for an answer'
    severity: 2
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: slowTurns
          metricMeasureColumn: 'p95'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: slowTurnSeconds
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}

resource failing 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = {
  name: '${name}-failed-responses'
  location: location
  properties: {
    displayName: 'Voice agent: responses fail or are lost'
    severity: 1
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: failures
          metricMeasureColumn: 'percent'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: failedPercent
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}
