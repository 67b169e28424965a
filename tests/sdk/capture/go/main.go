// Sends one event with the Go SDK in each mode, and keeps the Kafka messages that it makes.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
)

type given struct {
	ID, Source, Type, Extension string
	Subject                     string `json:"subject_vi"`
	Time                        time.Time
	Data                        map[string]any
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read() cloudevents.Event {
	raw, err := os.ReadFile("../event.json")
	must(err)
	var said given
	must(json.Unmarshal(raw, &said))
	event := cloudevents.NewEvent()
	event.SetID(said.ID)
	event.SetSource(said.Source)
	event.SetType(said.Type)
	event.SetSubject(said.Subject)
	event.SetTime(said.Time)
	event.SetExtension("faculty", said.Extension)
	must(event.SetData(cloudevents.ApplicationJSON, said.Data))
	return event
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func keep(ctx context.Context, event cloudevents.Event, file string) {
	made := &sarama.ProducerMessage{}
	must(kafka_sarama.WriteProducerMessage(ctx, binding.ToMessage(&event), made))
	headers := [][2]string{}
	for _, header := range made.Headers {
		headers = append(headers, [2]string{string(header.Key), encoded(header.Value)})
	}
	value, err := made.Value.Encode()
	must(err)
	raw, err := json.MarshalIndent(map[string]any{"headers": headers, "key": nil, "value": encoded(value)}, "", "  ")
	must(err)
	must(os.WriteFile(file, append(raw, '\n'), 0o644))
}

func main() {
	address, recorded, event := os.Args[1], os.Args[2], read()
	client, err := cloudevents.NewClientHTTP()
	must(err)
	modes := map[string]func(context.Context) context.Context{
		"binary":     binding.WithForceBinary,
		"structured": binding.WithForceStructured,
	}
	for name, in := range modes {
		ctx := cloudevents.ContextWithTarget(in(context.Background()), address+"/go-"+name)
		if result := client.Send(ctx, event); cloudevents.IsUndelivered(result) {
			must(result)
		}
		keep(ctx, event, recorded+"/go-"+name+".kafka.json")
	}
}
