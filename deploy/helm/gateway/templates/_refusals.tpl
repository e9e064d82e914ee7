{{/* Values that cannot work together are refused in words, all of them at once. */}}
{{- define "gateway.refusals" -}}
{{- $values := .Values -}}
{{- $config := $values.config -}}
{{- $faults := list -}}
{{- $kafka := eq $values.storage "kafka" -}}
{{- range $key := list "listen" "data" "roles" "tls" "secrets" -}}
{{- if hasKey $config $key }}{{ $faults = append $faults (printf "config.%s: the chart sets it" $key) }}{{ end -}}
{{- end -}}
{{- if hasKey ($config.operations | default dict) "listen" }}{{ $faults = append $faults "config.operations.listen: the chart sets it" }}{{ end -}}
{{- range $config.applicatie -}}
{{- if or .secret .secrets -}}
{{- $faults = append $faults (printf "config.applicatie: the secret of %s would be readable in a ConfigMap; declare it under applicaties" .client_id) -}}
{{- end -}}
{{- end -}}
{{- if $kafka -}}
{{- $own := $config.kafka | default dict -}}
{{- range $key := list "brokers" "index" -}}
{{- if hasKey $own $key }}{{ $faults = append $faults (printf "config.kafka.%s: the chart sets it" $key) }}{{ end -}}
{{- end -}}
{{- range $name, $_ := $own.properties | default dict -}}
{{- if regexMatch "password|secret|key.pem|certificate.pem" $name -}}
{{- $faults = append $faults (printf "config.kafka.properties: %s would be readable in a ConfigMap; mount a Secret with extraVolumes and name its file in config.kafka.property_files" $name) -}}
{{- end -}}
{{- end -}}
{{- if not $values.kafka.brokers }}{{ $faults = append $faults "kafka.brokers: say where the brokers are (host:port, separated by commas), or set storage to embedded" }}{{ end -}}
{{- if not $values.key.existingSecret }}{{ $faults = append $faults "key.existingSecret: all nodes share one key; make it with: kubectl create secret generic gateway-key --from-literal=secrets.key=$(openssl rand -hex 32)" }}{{ end -}}
{{- $sasl := $values.kafka.sasl -}}
{{- if and $sasl.mechanism (not (and $sasl.username $sasl.existingSecret)) }}{{ $faults = append $faults "kafka.sasl: username and existingSecret are needed with a mechanism" }}{{ end -}}
{{- $oauth := $own.oauth | default dict -}}
{{- $bearer := eq $sasl.mechanism "OAUTHBEARER" -}}
{{- if and $bearer (not $oauth.token_url) }}{{ $faults = append $faults "config.kafka.oauth.token_url: is needed with kafka.sasl.mechanism OAUTHBEARER" }}{{ end -}}
{{- if and $oauth (not $bearer) }}{{ $faults = append $faults "config.kafka.oauth: goes with kafka.sasl.mechanism OAUTHBEARER" }}{{ end -}}
{{- range $key := list "client_id" "client_secret" "client_secret_file" -}}
{{- if hasKey $oauth $key }}{{ $faults = append $faults (printf "config.kafka.oauth.%s: the chart sets it, from kafka.sasl" $key) }}{{ end -}}
{{- end -}}
{{- if and (not $values.kafka.tls.enabled) (or $values.kafka.tls.ca.existingSecret $values.kafka.tls.client.existingSecret) }}{{ $faults = append $faults "kafka.tls.enabled: is false, and there are certificates" }}{{ end -}}
{{- else -}}
{{- if $config.kafka }}{{ $faults = append $faults "config.kafka: storage is embedded" }}{{ end -}}
{{- if $values.kafka.brokers }}{{ $faults = append $faults "kafka.brokers: storage is embedded" }}{{ end -}}
{{- if eq $values.layout "byRole" }}{{ $faults = append $faults "layout: the embedded file has one node, which does everything" }}{{ end -}}
{{- end -}}
{{- if and $values.tls.clients.existingConfigMap (not $values.tls.existingSecret) }}{{ $faults = append $faults "tls.clients: needs tls.existingSecret; behind a proxy that ends TLS, use config.proxy" }}{{ end -}}
{{- if $values.ingress.enabled -}}
{{- if not $values.ingress.host }}{{ $faults = append $faults "ingress.host: is needed" }}{{ end -}}
{{- if and $kafka (eq $values.layout "byRole") (not $values.ingress.publishHost) }}{{ $faults = append $faults "ingress.publishHost: by role publishers need a host of their own, for an Ingress cannot tell POST /v1/events from GET; or use httpRoute" }}{{ end -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) }}{{ $faults = append $faults "httpRoute.parentRefs: is needed" }}{{ end -}}
{{- if $faults }}{{ fail (printf "\n- %s" (join "\n- " $faults)) }}{{ end -}}
{{- end }}
