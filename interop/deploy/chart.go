package main

import (
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

type rendered struct {
	// Remarks of the linter, except that of a chart without an icon.
	Remarks []string `json:"remarks"`
	// Manifests as parsed documents, in the order of their templates.
	Documents []map[string]any `json:"documents"`
	// What is shown after an installation.
	Notes string `json:"notes"`
	// Why nothing was rendered.
	Refused string `json:"refused,omitempty"`
}

// render does what `helm lint --strict` and `helm template` do with a chart and files of values.
func render(folder, release, namespace, kubernetes string, files []string) (*rendered, error) {
	given := map[string]any{}
	for _, file := range files {
		read, err := chartutil.ReadValuesFile(file)
		if err != nil {
			return nil, err
		}
		// The later file wins.
		given = chartutil.MergeTables(read, given)
	}
	chart, err := loader.Load(folder)
	if err != nil {
		return nil, err
	}
	version, err := chartutil.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, err
	}
	answer := &rendered{}
	for _, message := range lint.AllWithKubeVersion(folder, given, namespace, version).Messages {
		if text := message.Error(); !strings.Contains(text, "icon is recommended") {
			answer.Remarks = append(answer.Remarks, text)
		}
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	of := chartutil.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, given, of, capabilities)
	if err != nil {
		answer.Refused = err.Error()
		return answer, nil
	}
	manifests, err := engine.Render(chart, all)
	if err != nil {
		answer.Refused = err.Error()
		return answer, nil
	}
	var names []string
	for name := range manifests {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch {
		case path.Base(name) == "NOTES.txt":
			answer.Notes = manifests[name]
		case path.Ext(name) == ".yaml":
			documents, err := parse(manifests[name])
			if err != nil {
				return nil, err
			}
			answer.Documents = append(answer.Documents, documents...)
		}
	}
	return answer, nil
}

func parse(manifest string) ([]map[string]any, error) {
	parts := releaseutil.SplitManifests(manifest)
	var keys []string
	for key := range parts {
		keys = append(keys, key)
	}
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	var documents []map[string]any
	for _, key := range keys {
		var document map[string]any
		if err := yaml.UnmarshalStrict([]byte(parts[key]), &document); err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, document)
		}
	}
	return documents, nil
}
