{{/*
A table of values as TOML: {table, path}. Texts, numbers and lists of them are written as JSON writes them, which TOML
reads the same; null is left out. (Helm's own toToml writes whole numbers as 1.0, which the gateway refuses.)
*/}}
{{- define "gateway.toml" -}}
{{- $path := .path -}}
{{- range $key, $value := .table -}}
{{- $table := or (kindIs "map" $value) (and (kindIs "slice" $value) $value (kindIs "map" (first $value))) -}}
{{- if not (or $table (kindIs "invalid" $value)) }}
{{ include "gateway.tomlkey" $key }} = {{ toJson $value }}
{{- end -}}
{{- end -}}
{{- range $key, $value := .table -}}
{{- $here := ternary (include "gateway.tomlkey" $key) (printf "%s.%s" $path (include "gateway.tomlkey" $key)) (empty $path) -}}
{{- if kindIs "map" $value }}

[{{ $here }}]
{{- include "gateway.toml" (dict "table" $value "path" $here) -}}
{{- else if and (kindIs "slice" $value) $value (kindIs "map" (first $value)) -}}
{{- range $value }}

[[{{ $here }}]]
{{- include "gateway.toml" (dict "table" . "path" $here) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "gateway.tomlkey" -}}
{{- ternary . (toJson .) (regexMatch "^[A-Za-z0-9_-]+$" .) -}}
{{- end }}
