{{/*
The pod, as a template: (dict "root" . "args" LIST "component" NAME "probes" BOOL).
Whatever runs the program runs the same: the CronJob, the first pass, the controller and `helm test`.
*/}}
{{- define "ecr-cred-helper.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $stays := eq .component "controller" -}}
{{- $selector := include "ecr-cred-helper.selector" (list $root .component) -}}
{{- $labels := include "ecr-cred-helper.podLabels" (list $root .component) | fromYaml -}}
{{- $annotations := dict "checksum/settings" (include "ecr-cred-helper.data" $root | sha256sum) -}}
{{- if not $stays -}}
{{- /* A sidecar of a mesh would go on when the pass has ended, and keep the job from ending. Istio reads the label, older
       releases of it the annotation. */ -}}
{{- $_ := set $labels "sidecar.istio.io/inject" "false" -}}
{{- $annotations = dict "sidecar.istio.io/inject" "false" "linkerd.io/inject" "disabled" -}}
{{- end -}}
metadata:
  labels:
    {{- mergeOverwrite $labels $values.podLabels | toYaml | nindent 4 }}
  annotations:
    {{- mergeOverwrite $annotations $values.podAnnotations | toYaml | nindent 4 }}
spec:
  serviceAccountName: {{ include "ecr-cred-helper.account" $root }}
  automountServiceAccountToken: true
  enableServiceLinks: false
  {{- if $stays }}
  # ECR_SHUTDOWN_GRACE, and what releasing the Lease takes.
  terminationGracePeriodSeconds: {{ $values.controller.terminationGracePeriodSeconds }}
  {{- else }}
  restartPolicy: Never
  {{- end }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  nodeSelector:
    {{- mergeOverwrite (dict "kubernetes.io/os" "linux") $values.nodeSelector | toYaml | nindent 4 }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  {{- if $stays }}
  # Two replicas on one node, or in one zone, would fail together; where there is only one, they still run.
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- $selector | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  containers:
    - name: ecr-cred-helper
      image: {{ include "ecr-cred-helper.image" $root | quote }}
      {{- with $values.image.pullPolicy }}
      imagePullPolicy: {{ . }}
      {{- end }}
      {{- with .args }}
      args:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      env:
        {{- if eq $values.credentials.from "secret" }}
        # Either of the two: a file, or variables, which go before it.
        - name: AWS_SHARED_CREDENTIALS_FILE
          value: /var/run/secrets/ecr-cred-helper/aws/credentials
        {{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" }}
        - name: {{ . }}
          valueFrom: {secretKeyRef: {name: {{ $values.credentials.secretName }}, key: {{ . }}, optional: true}}
        {{- end }}
        {{- else if eq $values.credentials.from "webIdentity" }}
        - name: AWS_ROLE_ARN
          valueFrom: {configMapKeyRef: {name: {{ include "ecr-cred-helper.settings" $root }}, key: AWS_ROLE_ARN}}
        - name: AWS_WEB_IDENTITY_TOKEN_FILE
          value: /var/run/secrets/sts.amazonaws.com/serviceaccount/token
        {{- end }}
        # By name: a key of another name, such as NODE_OPTIONS, must not become a variable.
        {{- range index (fromJson ($root.Files.Get "files/settings.json")) $values.mode }}
        - name: {{ . }}
          valueFrom: {configMapKeyRef: {name: {{ include "ecr-cred-helper.settings" $root }}, key: {{ . }}, optional: true}}
        {{- end }}
        {{- with $values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if .probes }}
      ports:
        - name: metrics
          containerPort: {{ include "ecr-cred-helper.port" $root }}
      # Answers once the configuration has been judged; a start takes a second of CPU.
      startupProbe:
        httpGet:
          path: /healthz
          port: metrics
        periodSeconds: 1
        failureThreshold: 60
      # Whether the process answers at all. What ECR or the API server do to it is no reason to restart it.
      livenessProbe:
        httpGet:
          path: /healthz
          port: metrics
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      # Leads with every known namespace served, or stands by in sync.
      readinessProbe:
        httpGet:
          path: /readyz
          port: metrics
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      # Measured: docs/performance.md.
      resources:
        {{- if $values.resources }}
        {{- toYaml $values.resources | nindent 8 }}
        {{- else }}
        requests:
          cpu: 50m
          memory: 64Mi
        limits:
          cpu: {{ $stays | ternary "500m" "100m" }}
          memory: {{ $stays | ternary "128Mi" "64Mi" }}
        {{- end }}
      {{- $mounts := eq $values.credentials.from "secret" "webIdentity" | or $values.extraVolumeMounts }}
      {{- if $mounts }}
      volumeMounts:
        {{- if eq $values.credentials.from "secret" }}
        - name: aws-key
          mountPath: /var/run/secrets/ecr-cred-helper/aws
          readOnly: true
        {{- else if eq $values.credentials.from "webIdentity" }}
        - name: aws-token
          mountPath: /var/run/secrets/sts.amazonaws.com/serviceaccount
          readOnly: true
        {{- end }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
  {{- if eq $values.credentials.from "secret" "webIdentity" | or $values.extraVolumes }}
  volumes:
    {{- if eq $values.credentials.from "secret" }}
    - name: aws-key
      secret:
        secretName: {{ $values.credentials.secretName }}
        # The group of the pod may read it, nobody else.
        defaultMode: 288
        # Where there is no such secret, the program says so, with what to do.
        optional: true
        items:
          - key: credentials
            path: credentials
    {{- else if eq $values.credentials.from "webIdentity" }}
    - name: aws-token
      projected:
        sources:
          - serviceAccountToken:
              audience: sts.amazonaws.com
              expirationSeconds: 3600
              path: token
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* The data of the ConfigMap: the settings that have a value, as text. */}}
{{- define "ecr-cred-helper.data" -}}
{{- range $name, $value := .Values.settings }}
{{- $text := include "ecr-cred-helper.setting" (list $ $name "") }}
{{- if ne $text "" }}
{{ $name }}: {{ $text | quote }}
{{- end }}
{{- end }}
{{- if eq .Values.credentials.from "webIdentity" }}
AWS_ROLE_ARN: {{ .Values.credentials.roleArn | quote }}
{{- end }}
{{- $lease := include "ecr-cred-helper.lease" . }}
{{- if and (eq .Values.mode "controller") (ne $lease "ecr-cred-helper") (eq (include "ecr-cred-helper.setting" (list . "ECR_LEASE_NAME" "")) "") }}
ECR_LEASE_NAME: {{ $lease | quote }}
{{- end }}
{{- end -}}

{{/* Exit code 2 is a wrong configuration, which another attempt cannot help; an evicted pod is no failed attempt. */}}
{{- define "ecr-cred-helper.podFailurePolicy" -}}
rules:
  - action: FailJob
    onExitCodes:
      containerName: ecr-cred-helper
      operator: In
      values: [2]
  - action: Ignore
    onPodConditions:
      - type: DisruptionTarget
        status: "True"
{{- end -}}
