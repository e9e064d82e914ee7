{{/*
The configuration that all nodes share: what the values say under config, and what the chart adds for the files it
mounts. What belongs to one node (addresses, directory, roles) is environment of its pod.
*/}}
{{- define "gateway.configuration" -}}
{{- $own := dict -}}
{{- $files := "/etc/gateway/secrets" -}}
{{- with .Values.key.existingSecret -}}
{{- $_ := set $own "secrets" (dict "key_file" (printf "%s/key" $files)) -}}
{{- end -}}
{{- if .Values.tls.existingSecret -}}
{{- $tls := dict "certificate" "/etc/gateway/tls/tls.crt" "key" "/etc/gateway/tls/tls.key" -}}
{{- with .Values.tls.clients -}}
{{- if .existingConfigMap -}}
{{- $_ := set $tls "client_ca" (printf "/etc/gateway/clients/%s" .ca) -}}
{{- $lists := list -}}
{{- range .crl }}{{ $lists = append $lists (printf "/etc/gateway/clients/%s" .) }}{{ end -}}
{{- if $lists }}{{ $_ := set $tls "client_crl" $lists }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $_ := set $own "tls" $tls -}}
{{- end -}}
{{- $clients := .Values.config.applicatie | default list -}}
{{- range $at, $applicatie := .Values.applicaties -}}
{{- $client := dict "client_id" $applicatie.clientId "scopes" ($applicatie.scopes | default list) "secret_file" (printf "%s/applicatie-%d" $files $at) -}}
{{- $more := list -}}
{{- range $key, $_ := $applicatie.moreSecretKeys }}{{ $more = append $more (printf "%s/applicatie-%d-%d" $files $at $key) }}{{ end -}}
{{- if $more }}{{ $_ := set $client "secret_files" $more }}{{ end -}}
{{- with $applicatie.certificate }}{{ $_ := set $client "certificate" . }}{{ end -}}
{{- with $applicatie.source }}{{ $_ := set $client "source" . }}{{ end -}}
{{- with $applicatie.sources }}{{ $_ := set $client "sources" . }}{{ end -}}
{{- $clients = append $clients $client -}}
{{- end -}}
{{- if $clients }}{{ $_ := set $own "applicatie" $clients }}{{ end -}}
{{- if eq .Values.storage "kafka" -}}
{{- $_ := set $own "kafka" (include "gateway.kafka" . | fromJson) -}}
{{- end -}}
{{- include "gateway.toml" (dict "table" (mergeOverwrite (deepCopy .Values.config) $own) "path" "") | trim -}}
{{- end }}

{{/* What the chart adds to [kafka]. */}}
{{- define "gateway.kafka" -}}
{{- $kafka := .Values.kafka -}}
{{- $properties := dict -}}
{{- $files := dict -}}
{{- $oauth := dict -}}
{{- $password := "/etc/gateway/secrets/kafka-password" -}}
{{- $protocol := ternary "ssl" "plaintext" $kafka.tls.enabled -}}
{{- with $kafka.sasl.mechanism -}}
{{- $protocol = printf "sasl_%s" $protocol -}}
{{- if eq . "OAUTHBEARER" -}}
{{- $oauth = dict "client_id" $kafka.sasl.username "client_secret_file" $password -}}
{{- else -}}
{{- $_ := set $properties "sasl.mechanism" . -}}
{{- $_ := set $properties "sasl.username" $kafka.sasl.username -}}
{{- $_ := set $files "sasl.password" $password -}}
{{- end -}}
{{- end -}}
{{- if ne $protocol "plaintext" }}{{ $_ := set $properties "security.protocol" $protocol }}{{ end -}}
{{- if $kafka.tls.enabled -}}
{{- if $kafka.tls.ca.existingSecret -}}
{{- $_ := set $properties "ssl.ca.location" "/etc/gateway/secrets/kafka-ca.crt" -}}
{{- end -}}
{{- if $kafka.tls.client.existingSecret -}}
{{- $_ := set $properties "ssl.certificate.location" "/etc/gateway/secrets/kafka-tls.crt" -}}
{{- $_ := set $properties "ssl.key.location" "/etc/gateway/secrets/kafka-tls.key" -}}
{{- end -}}
{{- end -}}
{{- $own := dict "brokers" $kafka.brokers -}}
{{- if $properties }}{{ $_ := set $own "properties" $properties }}{{ end -}}
{{- if $files }}{{ $_ := set $own "property_files" $files }}{{ end -}}
{{- if $oauth }}{{ $_ := set $own "oauth" $oauth }}{{ end -}}
{{- toJson $own -}}
{{- end }}

{{/* The Secrets behind /etc/gateway/secrets, as sources of a projected volume. */}}
{{- define "gateway.secretsources" -}}
{{- $kafka := .Values.kafka -}}
{{- with .Values.key.existingSecret }}
- secret:
    name: {{ . }}
    items: [{key: {{ $.Values.key.file }}, path: key}]
{{- end }}
{{- range $at, $applicatie := .Values.applicaties }}
- secret:
    name: {{ $applicatie.existingSecret }}
    items:
      - {key: {{ $applicatie.secretKey | default "secret" }}, path: applicatie-{{ $at }}}
      {{- range $number, $key := $applicatie.moreSecretKeys }}
      - {key: {{ $key }}, path: applicatie-{{ $at }}-{{ $number }}}
      {{- end }}
{{- end }}
{{- if eq .Values.storage "kafka" }}
{{- if $kafka.sasl.mechanism }}
- secret:
    name: {{ $kafka.sasl.existingSecret }}
    items: [{key: {{ $kafka.sasl.passwordKey }}, path: kafka-password}]
{{- end }}
{{- if and $kafka.tls.enabled $kafka.tls.ca.existingSecret }}
- secret:
    name: {{ $kafka.tls.ca.existingSecret }}
    items: [{key: {{ $kafka.tls.ca.file }}, path: kafka-ca.crt}]
{{- end }}
{{- if and $kafka.tls.enabled $kafka.tls.client.existingSecret }}
- secret:
    name: {{ $kafka.tls.client.existingSecret }}
    items: [{key: tls.crt, path: kafka-tls.crt}, {key: tls.key, path: kafka-tls.key}]
{{- end }}
{{- end }}
{{- end }}
