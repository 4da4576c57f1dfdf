// Alerts on what the agent itself measures (realtime_helpers/telemetry.py).

param location string
param name string
param insightsId string
param email string
param slowTurnSeconds int
param failedPercent int
param atLeast int

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
var slowTurns = format('''
customMetrics
| where name == "voice_agent.turn.latency" and valueCount > 0
| summarize p95 = percentilew(valueSum / valueCount, valueCount, 95), turns = sum(valueCount)
| where turns >= {0}
''', atLeast)

var failures = format('''
customMetrics
| where name == "voice_agent.responses"
| extend status = tostring(customDimensions["voice_agent.response.status"])
| summarize failed = sumif(valueSum, status in ("failed", "lost")), every = sum(valueSum)
| where every >= {0}
| project percent = 100.0 * failed / every
''', atLeast)

// Where nobody gets through, no response fails: there is none. But the conversation ends in an error.
var brokenOff = format('''
customMetrics
| where name == "gen_ai.invoke_agent.duration"
| extend error = tostring(customDimensions["error.type"])
| summarize failed = sumif(valueCount, error != ""), every = sum(valueCount)
| where every >= {0}
| project percent = 100.0 * failed / every
''', atLeast)

resource slow 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
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

resource failing 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
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

resource breaking 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${name}-broken-conversations'
  location: location
  properties: {
    displayName: 'Voice agent: conversations end in an error, or never begin'
    severity: 1
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT1H'
    criteria: {
      allOf: [
        {
          query: brokenOff
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
