{{/* What the objects of the release are called; a CronJob's name has at most 52 characters. */}}
{{- define "ecr-cred-helper.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" (.Release.Name | trunc 36 | trimSuffix "-") .Chart.Name }}
{{- end -}}
{{- end -}}

{{/* The ConfigMap that the pods take their settings from. */}}
{{- define "ecr-cred-helper.settings" -}}
{{ include "ecr-cred-helper.fullname" . }}{{ if eq .Values.mode "controller" }}-controller{{ end }}
{{- end -}}

{{- define "ecr-cred-helper.account" -}}
{{ .Values.serviceAccount.name | default (include "ecr-cred-helper.fullname" .) }}
{{- end -}}

{{- define "ecr-cred-helper.component" -}}
{{ if eq .Values.mode "controller" }}controller{{ else }}refresh{{ end }}
{{- end -}}

{{/* A setting as text, where it has one: (list . NAME FALLBACK). */}}
{{- define "ecr-cred-helper.setting" -}}
{{- $value := index (index . 0).Values.settings (index . 1) -}}
{{- if or (kindIs "invalid" $value) (eq (toString $value) "") }}{{ index . 2 }}{{ else }}{{ trim (toString $value) }}{{ end -}}
{{- end -}}

{{/* Whether a setting that is on or off is on: "on" or nothing. (list . NAME FALLBACK) */}}
{{- define "ecr-cred-helper.isOn" -}}
{{- if eq (lower (include "ecr-cred-helper.setting" .)) "true" }}on{{ end -}}
{{- end -}}

{{- define "ecr-cred-helper.secretName" -}}
{{ include "ecr-cred-helper.setting" (list . "ECR_SECRET_NAME" "ecr-creds") }}
{{- end -}}

{{/* The Lease is called as the release: two releases in one namespace do not stand by for each other. */}}
{{- define "ecr-cred-helper.lease" -}}
{{ include "ecr-cred-helper.setting" (list . "ECR_LEASE_NAME" (include "ecr-cred-helper.fullname" .)) }}
{{- end -}}

{{- define "ecr-cred-helper.leaseNamespace" -}}
{{ include "ecr-cred-helper.setting" (list . "ECR_LEASE_NAMESPACE" .Release.Namespace) }}
{{- end -}}

{{- define "ecr-cred-helper.port" -}}
{{ regexFind "[0-9]+$" (include "ecr-cred-helper.setting" (list . "ECR_LISTEN" ":8080")) }}
{{- end -}}

{{/* Labels of an object: (list . COMPONENT), and a map of more of them, which go before. */}}
{{- define "ecr-cred-helper.labels" -}}
{{- $root := index . 0 -}}
{{- $chart := dict "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_") -}}
{{- $more := gt (len .) 2 | ternary (last .) dict -}}
{{- mergeOverwrite $chart (include "ecr-cred-helper.podLabels" . | fromYaml) $more | toYaml -}}
{{- end -}}

{{/* Those that its pods have, too: no other version of the chart alone replaces them. */}}
{{- define "ecr-cred-helper.podLabels" -}}
{{- $root := index . 0 -}}
{{ include "ecr-cred-helper.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ $root.Chart.Name }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* By which its pods are found; it cannot be changed once it is installed. */}}
{{- define "ecr-cred-helper.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "ecr-cred-helper.image" -}}
{{- with .Values.image -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ if .digest }}@{{ .digest }}{{ end }}
{{- end -}}
{{- end -}}

{{/* A duration such as 1h30m in seconds. */}}
{{- define "ecr-cred-helper.seconds" -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|s|m|h)" . -1 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- $sum = addf $sum (mulf (float64 (trimSuffix $unit .)) (index (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0) $unit)) -}}
{{- end -}}
{{ $sum }}
{{- end -}}
