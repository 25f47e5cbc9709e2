{{/* What the schema cannot say of the values. Each ends the render with one sentence that says what to set. */}}
{{- define "ecr-cred-helper.check" -}}
{{- $values := .Values }}
{{- $stays := eq .Values.mode "controller" }}

{{- /* The settings */}}
{{- $region := include "ecr-cred-helper.setting" (list . "AWS_REGION" (include "ecr-cred-helper.setting" (list . "AWS_DEFAULT_REGION" ""))) }}
{{- if and (eq $region "") (eq (include "ecr-cred-helper.setting" (list . "DOCKER_REGISTRY" "")) "") }}
{{- fail "Set settings.AWS_REGION to the region of the registry (--set settings.AWS_REGION=eu-west-1), or settings.DOCKER_REGISTRY to its host." }}
{{- end }}
{{- $names := fromJson (.Files.Get "files/settings.json") }}
{{- range $name, $value := .Values.settings }}
{{- if and (not (has $name (index $names $values.mode))) (ne (include "ecr-cred-helper.setting" (list $ $name "")) "") }}
{{- fail (printf "settings.%s means nothing to mode %s: leave it out, or set mode=%s." $name $values.mode ($stays | ternary "cronjob" "controller")) }}
{{- end }}
{{- end }}
{{- $deadline := include "ecr-cred-helper.setting" (list . "ECR_DEADLINE" "10m") }}
{{- if and (not $stays) (ge (float64 (include "ecr-cred-helper.seconds" $deadline)) (float64 .Values.cronjob.activeDeadlineSeconds)) }}
{{- fail (printf "settings.ECR_DEADLINE (%s) has to end a pass before Kubernetes does: set cronjob.activeDeadlineSeconds to more than %s s." $deadline (include "ecr-cred-helper.seconds" $deadline)) }}
{{- end }}
{{- $grace := include "ecr-cred-helper.setting" (list . "ECR_SHUTDOWN_GRACE" "20s") }}
{{- if and $stays (ge (float64 (include "ecr-cred-helper.seconds" $grace)) (float64 .Values.controller.terminationGracePeriodSeconds)) }}
{{- fail (printf "settings.ECR_SHUTDOWN_GRACE (%s) has to be over before Kubernetes ends the pod: set controller.terminationGracePeriodSeconds to more than %s." $grace (include "ecr-cred-helper.seconds" $grace)) }}
{{- end }}
{{- $listen := include "ecr-cred-helper.setting" (list . "ECR_LISTEN" ":8080") }}
{{- if and $stays (not (regexMatch "^(0\\.0\\.0\\.0|\\[::\\])?:[1-9][0-9]*$" $listen)) }}
{{- fail (printf "settings.ECR_LISTEN (%s) has to be reached by probes: set it to a port of every address, such as :8080." $listen) }}
{{- end }}
{{- if and $stays (gt (int .Values.controller.replicas) 1) (not (include "ecr-cred-helper.isOn" (list . "ECR_LEADER_ELECTION" "true"))) }}
{{- fail "Without settings.ECR_LEADER_ELECTION every replica writes: set controller.replicas=1." }}
{{- end }}

{{- /* Credentials */}}
{{- $needsRole := has .Values.credentials.from (list "irsa" "webIdentity") }}
{{- if and $needsRole .Values.serviceAccount.create (not .Values.credentials.roleArn) }}
{{- fail (printf "credentials.from=%s needs a role: set credentials.roleArn to its ARN." .Values.credentials.from) }}
{{- end }}
{{- if and (eq .Values.credentials.from "webIdentity") (not .Values.credentials.roleArn) }}
{{- fail "credentials.from=webIdentity needs a role: set credentials.roleArn to its ARN." }}
{{- end }}
{{- if and .Values.credentials.roleArn (not $needsRole) }}
{{- fail (printf "credentials.roleArn means nothing to credentials.from=%s: set credentials.from to irsa or webIdentity, or leave the role out." .Values.credentials.from) }}
{{- end }}
{{- if and .Values.credentials.roleArn (eq .Values.credentials.from "irsa") (not .Values.serviceAccount.create) }}
{{- fail "credentials.roleArn is written on the ServiceAccount, which serviceAccount.create=false leaves to you: annotate it with eks.amazonaws.com/role-arn, and leave the role out here." }}
{{- end }}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create=false needs serviceAccount.name: the account that is there." }}
{{- end }}

{{- /* What belongs to one mode */}}
{{- if not $stays }}
{{- range $part := list "serviceMonitor" "dashboard" }}
{{- if (index $values $part).enabled }}
{{- fail (printf "%s.enabled shows metrics, which mode cronjob has none of: set mode=controller, or %s.enabled=false." $part $part) }}
{{- end }}
{{- end }}
{{- else if .Values.cronjob.firstPass }}
{{- fail "cronjob.firstPass is for mode cronjob, and the controller serves every namespace when it starts: set cronjob.firstPass=false." }}
{{- end }}

{{- /* What the cluster has to have */}}
{{- range $part, $least := dict "fence" "1.30" "firstPod" "1.36" }}
{{- if and (index $values $part).enabled (semverCompare (printf "<%s.0-0" $least) $.Capabilities.KubeVersion.Version) }}
{{- fail (printf "%s.enabled needs Kubernetes %s, and this is %s: set %s.enabled=false (or, without a cluster, --kube-version %s)." $part $least $.Capabilities.KubeVersion.Version $part $least) }}
{{- end }}
{{- end }}

{{- /* What would be there twice */}}
{{- $taken := concat (index $names "cronjob") (index $names "controller") }}
{{- range .Values.extraEnv }}
{{- if has .name $taken }}
{{- fail (printf "extraEnv has %s, which is a setting: set settings.%s instead." .name .name) }}
{{- end }}
{{- if and (hasPrefix "AWS_" .name) (or (eq .name "AWS_SHARED_CREDENTIALS_FILE") (has .name (list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN"))) (eq $values.credentials.from "secret") }}
{{- fail (printf "extraEnv has %s, which comes from the Secret credentials.secretName: put it there, or set credentials.from to what else gives credentials." .name) }}
{{- end }}
{{- if and (eq $values.credentials.from "webIdentity") (has .name (list "AWS_ROLE_ARN" "AWS_WEB_IDENTITY_TOKEN_FILE")) }}
{{- fail (printf "extraEnv has %s, which credentials.from=webIdentity sets: leave it out." .name) }}
{{- end }}
{{- end }}
{{- $own := list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/version" "app.kubernetes.io/component" "app.kubernetes.io/part-of" "app.kubernetes.io/managed-by" "helm.sh/chart" }}
{{- range $part := list "commonLabels" "podLabels" }}
{{- range $name, $label := index $values $part }}
{{- if has $name $own }}
{{- fail (printf "%s has %s, which the chart sets itself: leave it out." $part $name) }}
{{- end }}
{{- if and (eq $part "podLabels") (hasKey $values.commonLabels $name) }}
{{- fail (printf "podLabels has %s, which commonLabels has, too: leave it out of one of them." $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
