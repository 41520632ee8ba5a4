File: shop
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 170ns (1.7e-06%)
Active filters:
   show=outer\.c
Showing nodes accounting for 120ns, 70.59% of 170ns total
      flat  flat%   sum%        cum   cum%
     120ns 70.59% 70.59%      120ns 70.59%  outer
