package sen

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
)

// The payment methods, as in pmcid of redirects and bank lists and in channel of
// callbacks.
const (
	MethodNone               = 0 // no method was used
	MethodInternationalCard  = 36
	MethodBankAccount        = 37
	MethodWallet             = 38
	MethodDomesticCard       = 39
	MethodInternationalDebit = 41
)

// A BankService lists the banks that an app can be paid through.
type BankService struct{ client *Client }

// A ListBanksResponse holds the banks of each method. It is older than the other
// answers: its names have no underscores and there is no sub code.
type ListBanksResponse struct {
	ReturnCode    int               `json:"returncode"`
	ReturnMessage string            `json:"returnmessage"`
	Banks         map[string][]Bank `json:"banks"` // by pmcid, in decimal
}

func (r ListBanksResponse) envelope() Envelope {
	return Envelope{ReturnCode: r.ReturnCode, ReturnMessage: r.ReturnMessage}
}

// A Bank is one choice on the payment page.
type Bank struct {
	BankCode     string `json:"bankcode"`
	Name         string `json:"name"`
	DisplayOrder int    `json:"displayorder"` // lowest first
	PMCID        int    `json:"pmcid"`
	MinAmount    int64  `json:"minamount"` // dong
	MaxAmount    int64  `json:"maxamount"` // dong
}

type listBanksRequest struct {
	ReqTime int64 `json:"reqtime"`
}

// List returns the banks and methods that are open to the app.
func (s *BankService) List(ctx context.Context) (*ListBanksResponse, error) {
	return do[ListBanksResponse](ctx, s.client, OpListBanks, "", listBanksRequest{s.client.timestamp(0)})
}

// All goes through the banks of all methods as the payment page shows them: by
// DisplayOrder, and those with the same one by method and code.
func (r *ListBanksResponse) All() iter.Seq[Bank] {
	return func(yield func(Bank) bool) {
		banks := slices.Concat(slices.Collect(maps.Values(r.Banks))...)
		slices.SortFunc(banks, func(a, b Bank) int {
			return cmp.Or(cmp.Compare(a.DisplayOrder, b.DisplayOrder), cmp.Compare(a.PMCID, b.PMCID), cmp.Compare(a.BankCode, b.BankCode))
		})
		for _, b := range banks {
			if !yield(b) {
				return
			}
		}
	}
}

// All lists the banks and goes through them, in the order of
// [ListBanksResponse.All]. It asks once for each range over it. When that fails,
// the error comes alone, with no bank.
func (s *BankService) All(ctx context.Context) iter.Seq2[Bank, error] {
	return func(yield func(Bank, error) bool) {
		list, err := s.List(ctx)
		if err != nil {
			yield(Bank{}, err)
			return
		}
		for b := range list.All() {
			if !yield(b, nil) {
				return
			}
		}
	}
}
