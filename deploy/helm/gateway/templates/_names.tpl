{{/* Names and labels. */}}

{{- define "gateway.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Leaves room for what is put behind it: names of pods have at most 63 characters. */}}
{{- define "gateway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "gateway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "gateway.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Of a group of nodes: {root, group}. */}}
{{- define "gateway.groupname" -}}
{{- $full := include "gateway.fullname" .root -}}
{{- if eq .group "node" }}{{ $full }}{{ else }}{{ printf "%s-%s" $full .group }}{{ end -}}
{{- end }}

{{- define "gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Of every node. */}}
{{- define "gateway.selector" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: event-gateway
{{- end }}

{{/* Of the nodes of a group: {root, group}. */}}
{{- define "gateway.groupselector" -}}
{{ include "gateway.selector" .root }}
app.kubernetes.io/component: {{ .group }}
{{- end }}

{{- define "gateway.serviceaccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "gateway.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end }}

{{- define "gateway.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end }}

{{/*
The groups of nodes there are, as a JSON list of {name, roles, values}: one named `node` when every node does everything.
*/}}
{{- define "gateway.groups" -}}
{{- $nodes := .Values.nodes -}}
{{- if and (eq .Values.storage "kafka") (eq .Values.layout "byRole") -}}
{{- list
      (dict "name" "ingest" "roles" (list "ingest") "values" $nodes.ingest)
      (dict "name" "deliver" "roles" (list "deliver") "values" $nodes.deliver)
      (dict "name" "beheer" "roles" (list "beheer") "values" $nodes.beheer) | toJson -}}
{{- else -}}
{{- list (dict "name" "node" "roles" (list "ingest" "deliver" "beheer") "values" $nodes.together) | toJson -}}
{{- end -}}
{{- end }}
