package console_test

import (
	"os"
	"testing"

	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}
