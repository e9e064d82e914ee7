{{/* One node: {root, group}, the group as gateway.groups has it. `claim` is true when `data` is a claim of its StatefulSet. */}}
{{- define "gateway.pod" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $group := .group -}}
{{- $embedded := eq $values.storage "embedded" -}}
{{- $scheme := ternary "https" "http" (not (empty $values.tls.existingSecret)) -}}
metadata:
  labels:
    {{- include "gateway.groupselector" (dict "root" $root "group" $group.name) | nindent 4 }}
    app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
    {{- with $values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # Another configuration is another pod.
    checksum/configuration: {{ include "gateway.configuration" $root | sha256sum }}
    {{- with $values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "gateway.serviceaccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext: {{ toYaml $values.podSecurityContext | nindent 4 }}
  # After preStop: requests under way, then deliveries under way, each within drain_seconds; then storage closes.
  terminationGracePeriodSeconds: {{ add $values.preStopSeconds (mul 2 (include "gateway.drain" $root | int)) 25 }}
  containers:
    - name: gateway
      image: {{ include "gateway.image" $root }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [serve, --config, /etc/gateway/gateway.toml]
      env:
        {{- include "gateway.environment" . | nindent 8 }}
      ports:
        - {name: {{ $scheme }}, containerPort: 8080}
        - {name: operations, containerPort: 9090}
      # Opening storage and reading what all nodes share may take a while.
      startupProbe:
        httpGet: {path: /livez, port: operations}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 150
      livenessProbe:
        httpGet: {path: /livez, port: operations}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: operations}
        periodSeconds: 5
        timeoutSeconds: 4
        failureThreshold: 2
      lifecycle:
        preStop:
          exec:
            command: [sleep, {{ $values.preStopSeconds | toString | quote }}]
      {{- with $group.values.resources }}
      resources: {{ toYaml . | nindent 8 }}
      {{- end }}
      securityContext: {{ toYaml $values.securityContext | nindent 8 }}
      volumeMounts:
        {{- include "gateway.mounts" $root | nindent 8 }}
  volumes:
    {{- include "gateway.volumes" $root | nindent 4 }}
    {{- if $embedded }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ $values.persistence.existingClaim | default (include "gateway.fullname" $root) }}
    {{- else if not .claim }}
    - name: data
      emptyDir:
        sizeLimit: {{ ternary $values.index.size "64Mi" (has "beheer" $group.roles) }}
    {{- end }}
  topologySpreadConstraints:
    {{- with $values.topologySpreadConstraints }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ include "gateway.groupselector" (dict "root" $root "group" $group.name) | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "gateway.drain" -}}
{{- (.Values.config.delivery | default dict).drain_seconds | default 10 -}}
{{- end }}

{{/* What is a node's own. The image has some of these too, so they are set here and not in the shared file. */}}
{{- define "gateway.environment" -}}
{{- $values := .root.Values -}}
- {name: GATEWAY_LISTEN, value: "{{ $values.address }}:8080"}
- {name: GATEWAY_OPERATIONS__LISTEN, value: "{{ $values.address }}:9090"}
- {name: GATEWAY_DATA, value: /var/lib/gateway}
- {name: GATEWAY_ROLES, value: {{ toJson .group.roles | quote }}}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "gateway.mounts" -}}
- {name: configuration, mountPath: /etc/gateway/gateway.toml, subPath: gateway.toml, readOnly: true}
- {name: data, mountPath: /var/lib/gateway}
{{- if include "gateway.secretsources" . | trim }}
- {name: secrets, mountPath: /etc/gateway/secrets, readOnly: true}
{{- end }}
{{- if .Values.tls.existingSecret }}
- {name: tls, mountPath: /etc/gateway/tls, readOnly: true}
{{- end }}
{{- if .Values.tls.clients.existingConfigMap }}
- {name: clients, mountPath: /etc/gateway/clients, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* All volumes but the data. */}}
{{- define "gateway.volumes" -}}
- name: configuration
  configMap:
    name: {{ include "gateway.fullname" . }}
{{- with include "gateway.secretsources" . | trim }}
- name: secrets
  projected:
    # Readable for the group of the pod, and for nobody else.
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- with .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.tls.clients.existingConfigMap }}
- name: clients
  configMap:
    name: {{ . }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
