package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/cloudevents/sdk-go/v2/types"
)

// Events in one batch.
const batchSize = 10

type typed struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

// One row of the table of events.
type given struct {
	Case       string            `json:"case"`
	ID         string            `json:"id"`
	Attributes map[string]string `json:"attributes"`
	Extensions map[string]typed  `json:"extensions"`
	Data       map[string]string `json:"data"`
}

type result struct {
	Case   string `json:"case"`
	Status int    `json:"status,omitempty"`
	Said   string `json:"said,omitempty"`
	Error  string `json:"error,omitempty"`
}

// valueOf gives an extension the type that the SDK has for it.
func valueOf(value typed) (any, error) {
	text, _ := value.Value.(string)
	switch value.Type {
	case "integer":
		return int(value.Value.(float64)), nil
	case "binary":
		return base64.StdEncoding.DecodeString(text)
	case "uri":
		parsed, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		return types.URI{URL: *parsed}, nil
	case "urireference":
		parsed, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		return types.URIRef{URL: *parsed}, nil
	case "timestamp":
		return time.Parse(time.RFC3339Nano, text)
	default:
		return value.Value, nil
	}
}

func build(prefix string, given given) (event.Event, error) {
	built := event.New()
	built.SetID(prefix + given.ID)
	built.SetSource(given.Attributes["source"])
	built.SetType(given.Attributes["type"])
	if subject, found := given.Attributes["subject"]; found {
		built.SetSubject(subject)
	}
	if schema, found := given.Attributes["dataschema"]; found {
		built.SetDataSchema(schema)
	}
	if text, found := given.Attributes["time"]; found {
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return built, err
		}
		built.SetTime(moment)
	}
	for name, extension := range given.Extensions {
		value, err := valueOf(extension)
		if err != nil {
			return built, err
		}
		built.SetExtension(name, value)
	}
	contentType, found := given.Attributes["datacontenttype"]
	if found {
		built.SetDataContentType(contentType)
	}
	if text, found := given.Data["json"]; found {
		return built, built.SetData(contentType, json.RawMessage(text))
	}
	if text, found := given.Data["text"]; found {
		// As text, not as bytes that the JSON format would carry in base64.
		built.DataEncoded = []byte(text)
		return built, nil
	}
	if text, found := given.Data["base64"]; found {
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return built, err
		}
		return built, built.SetData(contentType, bytes)
	}
	return built, nil
}

func post(request *http.Request) (int, string, error) {
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(said), err
}

func sendOne(url, mode, prefix string, given given) (int, string, error) {
	built, err := build(prefix, given)
	if err != nil {
		return 0, "", err
	}
	ctx := binding.WithForceStructured(context.Background())
	if mode == "binary" {
		ctx = binding.WithForceBinary(context.Background())
	}
	request, err := cehttp.NewHTTPRequestFromEvent(ctx, url, built)
	if err != nil {
		return 0, "", err
	}
	return post(request)
}

func sendBatch(url, prefix string, batch []given) (int, string, error) {
	var events []event.Event
	for _, one := range batch {
		built, err := build(prefix, one)
		if err != nil {
			return 0, "", err
		}
		events = append(events, built)
	}
	request, err := cehttp.NewHTTPRequestFromEvents(context.Background(), url, events)
	if err != nil {
		return 0, "", err
	}
	return post(request)
}

func send(url, mode, prefix, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var all []given
	if err := json.Unmarshal(content, &all); err != nil {
		return err
	}
	size := 1
	if mode == "batch" {
		size = batchSize
	}
	for start := 0; start < len(all); start += size {
		batch := all[start:min(start+size, len(all))]
		var status int
		var said string
		if mode == "batch" {
			status, said, err = sendBatch(url, prefix, batch)
		} else {
			status, said, err = sendOne(url, mode, prefix, batch[0])
		}
		for _, one := range batch {
			line := result{Case: one.Case, Status: status, Said: said}
			if err != nil {
				line.Error = err.Error()
			}
			printed, err := json.Marshal(line)
			if err != nil {
				return err
			}
			fmt.Println(string(printed))
		}
	}
	return nil
}
