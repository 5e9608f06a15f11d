package console

import (
	"strconv"
	"time"

	"sen/internal/id"
	"sen/internal/money"
)

// form returns a field of the form that was sent, without the spaces around it.
func (v *visit) form(name string) string { return trim(v.posted.Get(name)) }

// formNumber reads a whole number of at least 0; an empty field is 0.
func (v *visit) formNumber(name string) (int64, error) {
	text := v.form(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errNumber.On(name, "")
	}
	return n, nil
}

// formAmount reads an amount; an empty field is 0. People copy amounts with the
// dots in them.
func (v *visit) formAmount(name string) (money.Amount, error) {
	text := plainDigits(v.form(name))
	if text == "" {
		return 0, nil
	}
	a, err := money.ParseZero(text)
	if err != nil {
		return 0, money.ErrInvalid.On(name, "")
	}
	return a, nil
}

// plainDigits takes the dots out that stand between thousands.
func plainDigits(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] != '.' && text[i] != ' ' {
			out = append(out, text[i])
		}
	}
	return string(out)
}

// formDuration reads a duration; an empty field is none.
func (v *visit) formDuration(name string) (time.Duration, error) {
	text := v.form(name)
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errDuration.On(name, "")
	}
	return d, nil
}

// formTime reads a time at GMT+7; an empty field is no time.
func (v *visit) formTime(name string) (time.Time, error) {
	text := v.form(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(timeLayout, text, id.Vietnam)
	if err != nil {
		return time.Time{}, errTime.On(name, "")
	}
	return at, nil
}

// fieldTime writes a time as browsers have it in a field.
func fieldTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(id.Vietnam).Format(timeLayout)
}
