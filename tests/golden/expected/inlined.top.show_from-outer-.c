File: shop
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 170ns (1.7e-06%)
Active filters:
   show_from=outer\.c
Showing nodes accounting for 120ns, 70.59% of 170ns total
      flat  flat%   sum%        cum   cum%
      90ns 52.94% 52.94%       90ns 52.94%  leaf
      20ns 11.76% 64.71%       20ns 11.76%  recurse
      10ns  5.88% 70.59%      120ns 70.59%  outer
         0     0% 70.59%       90ns 52.94%  middle (inline)
