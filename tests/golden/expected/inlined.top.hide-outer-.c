File: shop
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 170ns (1.7e-06%)
Active filters:
   hide=outer\.c
Showing nodes accounting for 170ns, 100% of 170ns total
      flat  flat%   sum%        cum   cum%
     120ns 70.59% 70.59%      120ns 70.59%  leaf
      40ns 23.53% 94.12%       40ns 23.53%  recurse
      10ns  5.88%   100%      170ns   100%  main
         0     0%   100%       90ns 52.94%  middle
