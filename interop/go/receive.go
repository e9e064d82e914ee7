package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/cloudevents/sdk-go/v2/types"
)

// Requests per minute that the SDK's handshake allows.
const allowedRate = 1000000

type understood struct {
	Sink       string         `json:"sink"`
	Attributes map[string]any `json:"attributes,omitempty"`
	Data       any            `json:"data"`
	ID         string         `json:"id,omitempty"`
	Error      string         `json:"error,omitempty"`
}

var printing sync.Mutex

func printLine(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(text))
}

// plain keeps the types that JSON distinguishes; the SDK's other types are shown in its own canonical form.
func plain(value any) any {
	switch value := value.(type) {
	case bool, int32, string:
		return value
	default:
		text, err := types.Format(value)
		if err != nil {
			return fmt.Sprintf("%T: %s", value, err)
		}
		return text
	}
}

func describe(sink string, got event.Event) understood {
	attributes := map[string]any{
		"specversion": got.SpecVersion(), "id": got.ID(), "source": got.Source(), "type": got.Type(),
	}
	for name, value := range map[string]string{
		"subject": got.Subject(), "dataschema": got.DataSchema(), "datacontenttype": got.DataContentType(),
	} {
		if value != "" {
			attributes[name] = value
		}
	}
	if !got.Time().IsZero() {
		attributes["time"] = got.Time().Format(time.RFC3339Nano)
	}
	for name, value := range got.Extensions() {
		attributes[name] = plain(value)
	}
	var data any
	if got.Data() != nil {
		data = map[string][]byte{"base64": got.Data()}
	}
	return understood{Sink: sink, Attributes: attributes, Data: data}
}

func identities(request *http.Request, body []byte) []string {
	if id := request.Header.Get("ce-id"); id != "" {
		if decoded, err := url.PathUnescape(id); err == nil {
			id = decoded
		}
		return []string{id}
	}
	var one struct{ ID string }
	if json.Unmarshal(body, &one) == nil {
		return []string{one.ID}
	}
	var many []struct{ ID string }
	if err := json.Unmarshal(body, &many); err != nil {
		panic(err)
	}
	var ids []string
	for _, event := range many {
		ids = append(ids, event.ID)
	}
	return ids
}

func receiveOne(response http.ResponseWriter, request *http.Request) {
	sink := strings.TrimPrefix(request.URL.Path, "/")
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	var events []event.Event
	if cehttp.IsHTTPBatch(request.Header) {
		events, err = cehttp.NewEventsFromHTTPRequest(request)
	} else {
		var one *event.Event
		if one, err = cehttp.NewEventFromHTTPRequest(request); err == nil {
			events = []event.Event{*one}
		}
	}
	if err != nil {
		for _, id := range identities(request, body) {
			printLine(understood{Sink: sink, ID: id, Error: err.Error()})
		}
		events = nil
	}
	for _, one := range events {
		printLine(describe(sink, one))
	}
	response.WriteHeader(http.StatusNoContent)
}

func receive() error {
	rate := allowedRate
	// The SDK's own handshake, which consents through the callback when it is offered one.
	handshake, err := cehttp.New()
	if err != nil {
		return err
	}
	handshake.WebhookConfig = &cehttp.WebhookConfig{
		AllowedMethods: []string{http.MethodPost}, AllowedRate: &rate, AllowedOrigins: []string{"*"}, AutoACKCallback: true,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	handler := func(response http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodOptions {
			handshake.OptionsHandler(response, request)
			return
		}
		receiveOne(response, request)
	}
	printLine(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port})
	go func() { panic(http.Serve(listener, http.HandlerFunc(handler))) }()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
